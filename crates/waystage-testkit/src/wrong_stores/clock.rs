//! Stores that are wrong about the recorded instant, and about days ahead of it.

use std::time::Duration;

use waystage_core::journey::Record;
use waystage_core::time::Timestamp;
use waystage_store::{Refusal, StoreError};

use super::store::{Parts, RIGHT, by_hand, changing, despite, minding, refuse, right};
use super::{ONE, Wrong};

pub(super) const WRONG: &[Wrong] = &[
    Wrong {
        does: "records each event a microsecond after the one before",
        breaks: "all_events_of_an_append_are_recorded_at_one_instant",
        also: &[
            "a_log_of_every_shape_is_the_same_after_each_opening",
            "an_append_of_2500_events_is_one",
            "what_is_recorded_after_each_opening_is_kept",
        ],
        parts: Parts {
            append: |log, append| {
                changing(log, append, |index, event| {
                    let later = i64::try_from(index).unwrap();
                    event.recorded_at = Timestamp::from_micros(event.recorded_at.micros() + later);
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "believes the clock even where it stands still",
        breaks: "recorded_at_is_the_clock_or_one_microsecond_after_the_last",
        also: &[
            "a_reopened_store_goes_on_where_it_ended",
            "the_day_after_is_counted_from_the_recorded_instant",
            "instants_rise_from_stream_to_stream",
            "the_logs_own_stream_moves_the_clock_too",
        ],
        parts: Parts {
            append: |log, append| {
                let now = append.now;
                changing(log, append, |_, event| event.recorded_at = now)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "leaves a millisecond between appends where a microsecond is enough",
        breaks: "recorded_at_is_the_clock_or_one_microsecond_after_the_last",
        also: &[
            "a_reopened_store_goes_on_where_it_ended",
            "instants_rise_from_stream_to_stream",
            "the_logs_own_stream_moves_the_clock_too",
        ],
        parts: Parts {
            append: |log, append| {
                let now = append.now;
                changing(log, append, |_, event| {
                    if event.recorded_at != now {
                        let micros = event.recorded_at.micros() + 999;
                        event.recorded_at = Timestamp::from_micros(micros);
                    }
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "records although the clock went back",
        breaks: "a_clock_more_than_five_seconds_behind_is_refused",
        also: &[
            "a_reopened_store_goes_on_where_it_ended",
            "the_logs_own_stream_moves_the_clock_too",
        ],
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| matches!(error, StoreError::ClockWentBack { .. }))
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds a clock that stands five seconds behind",
        breaks: "a_clock_five_seconds_behind_is_tolerated",
        parts: Parts {
            append: |log, append| {
                let last = log.events.last().map(|event| event.recorded_at.micros());
                if last.is_some_and(|last| last - append.now.micros() == 5_000_000) {
                    return refuse(StoreError::ClockWentBack { by: Duration::from_secs(5) });
                }
                right(log, append)
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes direct facts of any day",
        breaks: "a_direct_fact_dated_later_than_the_day_after_is_refused",
        also: &[
            "a_refused_append_leaves_no_gap",
            "one_refusal_refuses_the_whole_append",
            "days_ahead_are_counted_in_utc_until_midnight",
            "one_refusal_refuses_an_append_of_2500_events",
            "the_instant_of_a_refused_append_does_not_count",
        ],
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| {
                    matches!(error, StoreError::Refused(Refusal::InTheFuture { .. }))
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "takes direct facts dated two days ahead",
        breaks: "a_direct_fact_dated_later_than_the_day_after_is_refused",
        also: &["days_ahead_are_counted_in_utc_until_midnight"],
        parts: Parts {
            append: |log, append| {
                despite(log, append, |error| match error {
                    StoreError::Refused(Refusal::InTheFuture { on, recorded }) => {
                        recorded.succ_opt().and_then(|day| day.succ_opt()) == Some(*on)
                    }
                    _ => false,
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds direct facts dated the day after",
        breaks: "a_direct_fact_dated_the_day_after_is_accepted",
        also: &[
            "days_ahead_are_counted_in_utc_until_midnight",
            "duplicates_are_settled_while_the_clock_is_behind",
        ],
        parts: Parts {
            append: |log, append| {
                minding(log, append, |_, append, event| {
                    event.sourced.is_none() && append.now.date().succ_opt() == Some(event.on)
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "counts the day after from the clock",
        breaks: "the_day_after_is_counted_from_the_recorded_instant",
        also: &["duplicates_are_settled_while_the_clock_is_behind"],
        parts: Parts {
            append: |log, append| {
                minding(log, append, |log, append, event| {
                    let limit = append.now.date().succ_opt().unwrap();
                    let is_fact = matches!(event.record, Record::Fact(_));
                    let is_late = event.sourced.is_none() && event.on > limit;
                    is_fact && is_late && right(log, append.clone()).answer.is_ok()
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "minds sourced facts of days ahead",
        breaks: "a_sourced_fact_is_not_refused_for_its_day",
        also: &[
            "days_are_kept_wherever_they_lie",
            "duplicates_are_settled_while_the_clock_is_behind",
        ],
        parts: Parts {
            append: |log, append| {
                minding(log, append, |_, append, event| {
                    event.sourced.is_some() && event.on > append.now.date().succ_opt().unwrap()
                })
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        does: "starts its clock anew when it is opened",
        breaks: "a_reopened_store_goes_on_where_it_ended",
        parts: Parts {
            append: |log, append| {
                let done = right(log, append.clone());
                match done.answer {
                    Err(StoreError::ClockWentBack { .. }) if log.reopened => by_hand(log, append),
                    _ => done,
                }
            },
            ..RIGHT
        },
        ..ONE
    },
];

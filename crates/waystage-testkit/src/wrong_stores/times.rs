//! Stores that change instants and days, or ask the clock where they should not.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{Datelike, Timelike};
use waystage_core::id::ParticipantId;
use waystage_core::journey::Record;
use waystage_core::time::Timestamp;
use waystage_store::{Append, Refusal, StoreError, StoredEvent};

use super::duplicates::{again_where, keys};
use super::store::{Done, Log, by_hand, changing, minding, refuse, right};
use super::{Wrong, appends};

const DAY: i64 = 24 * 3600 * 1_000_000;

/// Records the instant after the last of some events only, or what the clock says.
fn after_some(log: &Log, append: Append, some: fn(&StoredEvent, &StoredEvent) -> bool) -> Done {
    let now = append.now.micros();
    changing(log, append, |_, event| {
        let last = log.events.iter().rfind(|before| some(before, event));
        let after = last.map_or(i64::MIN, |last| last.recorded_at.micros() + 1);
        event.recorded_at = Timestamp::from_micros(now.max(after));
    })
}

fn is_forgotten(log: &Log, append: &Append) -> bool {
    let last = log.events.last().map_or(0, |last| last.recorded_at.micros());
    let of = |key| log.known(&key).map(|before| before.recorded_at.micros());
    keys(append).into_iter().filter_map(of).any(|recorded| last - recorded > 30 * DAY)
}

/// Remembers when an append was refused, and goes on from there.
fn after_refusals(log: &Log, append: Append) -> Done {
    let now = u64::try_from(append.now.micros()).unwrap_or(0);
    let done = right(log, append.clone());
    if done.answer.is_err() {
        log.spent.fetch_max(now, Ordering::AcqRel);
        return done;
    }
    let last = i64::try_from(log.spent.load(Ordering::Acquire)).unwrap();
    changing(log, append, |_, event| {
        event.recorded_at = event.recorded_at.max(Timestamp::from_micros(last));
    })
}

/// Asks the clock before it settles duplicates.
fn clock_first(log: &Log, append: Append) -> Done {
    let last = log.events.last().map_or(i64::MIN, |last| last.recorded_at.micros());
    let behind = last.saturating_sub(append.now.micros());
    if behind > 5_000_000 {
        let by = Duration::from_micros(behind.unsigned_abs());
        return refuse(StoreError::ClockWentBack { by });
    }
    right(log, append)
}

/// Takes days from an hour ahead.
fn an_hour_ahead(log: &Log, append: Append) -> Done {
    let done = right(log, append.clone());
    let late = append.now.to_string().parse::<chrono::DateTime<chrono::Utc>>();
    let late = late.is_ok_and(|now| now.hour() == 23);
    match &done.answer {
        Err(StoreError::Refused(Refusal::InTheFuture { on, recorded }))
            if late && recorded.succ_opt().and_then(|day| day.succ_opt()) == Some(*on) =>
        {
            by_hand(log, append)
        }
        _ => done,
    }
}

pub(super) const WRONG: &[Wrong] = &[
    appends(
        "takes a report at the start of 1970 for none",
        "times_of_report_are_kept_wherever_they_lie",
        |log, append| {
            changing(log, append, |_, event| {
                event.reported_at.take_if(|at| at.micros() == 0);
            })
        },
    ),
    appends(
        "keeps a leap day as the day before",
        "days_are_kept_wherever_they_lie",
        |log, append| {
            changing(log, append, |_, event| {
                if (event.on.month(), event.on.day()) == (2, 29) {
                    event.on = event.on.pred_opt().unwrap();
                }
            })
        },
    ),
    appends(
        "forgets a key after thirty days",
        "keys_are_known_after_minutes_days_and_years",
        |log, append| again_where(log, append, is_forgotten),
    ),
    appends(
        "goes on from the instant of a refused append",
        "the_instant_of_a_refused_append_does_not_count",
        after_refusals,
    ),
    Wrong {
        also: &["the_logs_own_stream_moves_the_clock_too"],
        ..appends(
            "lets instants rise in each stream alone",
            "instants_rise_from_stream_to_stream",
            |log, append| {
                after_some(log, append, |before, event| before.participant == event.participant)
            },
        )
    },
    appends(
        "does not count the instants of the log's own stream",
        "the_logs_own_stream_moves_the_clock_too",
        |log, append| after_some(log, append, |before, _| before.participant != ParticipantId::LOG),
    ),
    appends(
        "asks the clock before it settles duplicates",
        "duplicates_are_settled_while_the_clock_is_behind",
        clock_first,
    ),
    appends(
        "minds determinations of days ahead",
        "determinations_and_entries_of_the_log_may_lie_ahead",
        |log, append| {
            minding(log, append, |_, append, event| {
                let is_ahead = event.on > append.now.date().succ_opt().unwrap();
                matches!(event.record, Record::Determination(_)) && is_ahead
            })
        },
    ),
    appends(
        "takes days from an hour ahead",
        "days_ahead_are_counted_in_utc_until_midnight",
        an_hour_ahead,
    ),
];

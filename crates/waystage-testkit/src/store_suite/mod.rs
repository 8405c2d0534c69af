//! The store suite: what every store does, one small function a rule. An adapter calls
//! [`store_suite!`](crate::store_suite!) and gets one test a rule; the wrong stores beside it show
//! that each rule bites.

// The rules are assertions and nothing else; a failed one has to stop its test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

mod appends;
mod awkward;
mod clock;
mod contents;
mod duplicates;
mod heads;
mod ids;
mod kept;
mod keys;
mod limits;
mod names;
mod order;
mod own;
mod quiet;
mod reading;
mod reopening;
mod sample;
mod sharing;
mod sizes;
mod times;
mod waiting;

use std::collections::BTreeMap;

use waystage_store::EventStore;

/// A kind of store that the suite is run on. Each rule gets one of its own.
pub trait StoreUnderTest {
    /// Creates an empty store of this identity. It is called once.
    fn create(&mut self, origin: &str) -> Box<dyn EventStore>;

    /// Opens the created store again, after every handle was dropped; none where a store does not
    /// survive its handles, which then has nothing to show.
    fn reopen(&mut self) -> Option<Box<dyn EventStore>>;
}

/// A rule that every store keeps.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The rule as a sentence.
    pub name: &'static str,
    check: Check,
}

#[derive(Debug, Clone, Copy)]
enum Check {
    Open(fn(&dyn EventStore)),
    Reopened(fn(&mut dyn StoreUnderTest)),
    /// As the first, on a log that takes seconds to make.
    Large(fn(&dyn EventStore)),
}

/// The identity of the logs that rules are tried on.
const ORIGIN: &str = "example.org/waystage/suite";

impl Rule {
    /// Tries the rule on a store; it panics where the store breaks it.
    pub fn check(&self, store: &mut dyn StoreUnderTest) {
        match self.check {
            Check::Open(check) | Check::Large(check) => check(&*store.create(ORIGIN)),
            Check::Reopened(check) => check(store),
        }
    }

    /// Returns whether the rule needs a log that takes seconds to make.
    pub const fn is_large(&self) -> bool {
        matches!(self.check, Check::Large(_))
    }

    /// Returns what the rule says of a store that breaks it; none where it is kept. Nothing is
    /// printed.
    pub fn broken_by(&self, store: &mut dyn StoreUnderTest) -> Option<String> {
        quiet::failure(|| self.check(store))
    }

    /// Returns the rule of this name.
    pub fn named(name: &str) -> Self {
        let rule = RULES.iter().find(|rule| rule.name == name);
        *rule.unwrap_or_else(|| panic!("{name} is no rule of the store suite"))
    }
}

/// Returns the rules that a store breaks, with what each says.
pub fn broken(factory: impl Fn() -> Box<dyn StoreUnderTest>) -> BTreeMap<&'static str, String> {
    let said = |rule: &Rule| Some((rule.name, rule.broken_by(&mut *factory())?));
    RULES.iter().filter_map(said).collect()
}

/// Returns the first rule that a store breaks, with what it says.
pub fn first_broken(factory: impl Fn() -> Box<dyn StoreUnderTest>) -> Option<(Rule, String)> {
    RULES.iter().find_map(|rule| Some((*rule, rule.broken_by(&mut *factory())?)))
}

/// The rules, once: as a table for whoever counts them, and as tests for whoever keeps them.
macro_rules! rules {
    ($dollar:tt $($check:ident { $($file:ident: [$($rule:ident,)*])* })*) => {
        /// Every rule of the suite.
        pub const RULES: &[Rule] = &[$($($(
            Rule { name: stringify!($rule), check: Check::$check($file::$rule) },
        )*)*)*];

        /// Makes a module of tests, one a rule, for the store that a factory makes: the name of
        /// the module, then an expression that gives a
        /// [`StoreUnderTest`](crate::store_suite::StoreUnderTest).
        #[macro_export]
        macro_rules! store_suite {
            ($dollar module:ident, $dollar factory:expr) => {
                mod $dollar module {
                    use super::*;

                    $($($(
                        #[test]
                        fn $rule() {
                            let rule = $crate::store_suite::Rule::named(stringify!($rule));
                            rule.check(&mut $dollar factory);
                        }
                    )*)*)*
                }
            };
        }
    };
}

rules! { $
    Open {
        order: [
            positions_are_dense_from_one_in_the_order_of_commits,
            versions_are_dense_from_one_in_each_stream,
            a_refused_append_leaves_no_gap,
            receipts_stand_in_the_order_of_the_append,
        ]
        clock: [
            all_events_of_an_append_are_recorded_at_one_instant,
            recorded_at_is_the_clock_or_one_microsecond_after_the_last,
            a_clock_more_than_five_seconds_behind_is_refused,
            a_clock_five_seconds_behind_is_tolerated,
            a_direct_fact_dated_later_than_the_day_after_is_refused,
            a_direct_fact_dated_the_day_after_is_accepted,
            the_day_after_is_counted_from_the_recorded_instant,
            a_sourced_fact_is_not_refused_for_its_day,
        ]
        kept: [
            every_column_is_read_back_as_it_was_given,
            payload_bytes_are_kept_exactly,
            each_leaf_follows_from_the_columns_and_the_leaf_before,
            receipts_say_what_is_stored,
            every_way_of_reading_gives_the_same_rows,
            the_origin_is_kept,
        ]
        appends: [
            an_empty_append_changes_nothing,
            an_append_to_several_streams_is_recorded_whole,
            one_conflict_refuses_the_whole_append,
            one_refusal_refuses_the_whole_append,
            one_used_key_refuses_the_whole_append,
            a_stale_head_is_a_conflict_that_names_both_versions,
            a_head_from_further_on_is_a_conflict,
            an_append_to_one_stream_leaves_the_heads_of_others_good,
        ]
        duplicates: [
            a_sourced_event_sent_again_gets_its_first_receipt,
            a_direct_event_sent_again_gets_its_first_receipt,
            a_duplicate_within_one_append_is_seen,
            a_duplicate_is_seen_although_the_head_is_stale,
            a_duplicate_is_seen_after_many_other_events,
            new_events_beside_a_duplicate_are_recorded,
            who_recorded_it_what_led_to_it_and_when_make_no_difference,
            the_id_of_a_sourced_event_makes_no_difference,
            the_same_reference_under_two_sources_is_two_events,
            like_events_with_ids_of_their_own_are_two_events,
        ]
        keys: [
            a_used_key_with_another_participant_is_refused,
            a_used_key_with_another_day_is_refused,
            a_used_key_with_another_time_of_report_is_refused,
            a_used_key_with_other_content_is_refused,
            a_used_key_with_another_kind_is_refused,
            a_key_used_within_the_append_is_refused,
        ]
        limits: [
            log_entries_go_into_the_logs_own_stream_only,
            all_else_goes_into_participants_streams_only,
            a_payload_of_a_mebibyte_is_kept,
            a_payload_over_a_mebibyte_is_refused,
            names_of_1024_bytes_are_kept,
            names_over_1024_bytes_are_refused,
        ]
        reading: [
            participants_are_listed_once_in_order_without_the_logs_own,
            pages_of_any_size_give_each_event_once,
            nothing_follows_the_last_position,
            an_event_is_found_by_its_key_and_by_no_other,
            the_last_position_is_that_of_the_last_event,
            a_stream_without_events_is_empty,
        ]
        names: [
            names_are_kept_letter_by_letter,
            names_that_look_alike_are_different_keys,
            each_of_like_names_is_found_by_its_own_key,
            names_that_differ_in_their_last_letter_are_different_keys,
            a_source_and_a_reference_are_two_names,
            a_blank_source_or_reference_is_refused,
        ]
        ids: [
            streams_whose_ids_are_alike_in_part_are_apart,
            participants_are_listed_in_the_order_of_their_bytes,
            participants_with_determinations_only_are_listed,
            events_whose_ids_are_alike_in_part_are_apart,
            a_direct_event_and_a_sourced_one_may_have_one_id,
            two_sourced_events_may_have_one_id,
            ids_of_nothing_but_zeros_are_kept,
        ]
        times: [
            times_of_report_are_kept_wherever_they_lie,
            days_are_kept_wherever_they_lie,
            keys_are_known_after_minutes_days_and_years,
            the_instant_of_a_refused_append_does_not_count,
            instants_rise_from_stream_to_stream,
            the_logs_own_stream_moves_the_clock_too,
            duplicates_are_settled_while_the_clock_is_behind,
            determinations_and_entries_of_the_log_may_lie_ahead,
            days_ahead_are_counted_in_utc_until_midnight,
        ]
        contents: [
            a_used_key_with_one_letter_changed_is_refused,
            a_used_key_with_content_changed_far_behind_is_refused,
            a_used_key_with_another_kind_of_one_content_is_refused,
            a_used_key_with_another_determination_is_refused,
            a_used_key_reported_a_microsecond_apart_is_refused,
            a_key_that_was_looked_for_in_vain_is_known_once_recorded,
        ]
        own: [
            an_entry_of_the_log_sent_again_gets_its_first_receipt,
            a_used_key_of_the_log_with_another_entry_is_refused,
            a_stale_head_of_the_logs_own_stream_is_a_conflict,
            the_last_position_may_be_the_logs_own,
        ]
        heads: [
            the_head_of_each_stream_of_an_append_is_compared,
            heads_are_compared_for_determinations_alone,
            heads_are_compared_for_sourced_events_alone,
            heads_are_compared_beside_duplicates,
            heads_that_lie_256_versions_apart_are_a_conflict,
            a_stream_named_twice_in_an_append_is_one_stream,
            duplicates_of_several_streams_are_settled_before_heads,
            a_duplicate_is_answered_with_its_own_version,
        ]
        sizes: [
            an_append_of_2500_events_is_one,
            a_stream_of_2500_events_is_read_whole,
            one_refusal_refuses_an_append_of_2500_events,
            an_append_of_2500_events_sent_again_is_known_whole,
            more_than_a_thousand_participants_are_listed,
            the_largest_page_can_be_asked_for_everywhere,
            nothing_follows_a_position_that_32_bits_cannot_hold,
        ]
        sharing: [
            writers_of_their_own_streams_lose_nothing,
            writers_of_one_stream_each_append_to_what_they_read,
            writers_of_the_same_event_record_it_once,
            readers_see_whole_appends_only,
            a_reader_that_follows_misses_nothing,
            writers_of_one_key_in_several_streams_get_one_receipt,
            a_reader_on_another_thread_sees_what_came_since_it_looked,
        ]
        waiting: [
            a_wait_ends_at_once_where_something_is_there,
            a_wait_in_vain_gives_the_last_position,
            short_patience_is_short,
            whoever_waits_is_woken_by_an_append,
            whoever_waits_is_woken_by_an_append_to_several_streams,
            whoever_waits_is_woken_by_an_entry_of_the_log,
            all_who_wait_are_woken,
            a_refused_append_wakes_nobody,
            the_longest_patience_is_accepted,
        ]
    }
    Reopened {
        reopening: [
            a_reopened_store_gives_the_same,
            a_reopened_store_goes_on_where_it_ended,
            a_reopened_store_knows_its_duplicates,
        ]
        awkward: [
            a_log_of_every_shape_is_the_same_after_each_opening,
            what_is_recorded_after_each_opening_is_kept,
            a_log_of_5000_events_is_the_same_when_it_is_reopened,
            every_key_is_known_when_a_log_is_reopened,
            every_key_is_found_when_a_log_is_reopened,
            chains_of_leaves_go_on_when_a_log_is_reopened,
            an_origin_with_capitals_and_a_slash_at_its_end_is_kept,
            an_origin_with_spaces_around_it_is_kept,
        ]
        waiting: [
            a_reopened_store_knows_what_there_is_to_wait_for,
        ]
    }
    Large {
        sizes: [
            keys_are_known_after_10000_other_events,
            a_stream_of_70000_events_has_dense_versions,
        ]
    }
}

//! The store suite: what every store does, one small function a rule. An adapter calls
//! [`store_suite!`](crate::store_suite!) and gets one test a rule; the wrong stores beside it show
//! that each rule bites.

// The rules are assertions and nothing else; a failed one has to stop its test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

mod appends;
mod clock;
mod duplicates;
mod kept;
mod keys;
mod limits;
mod order;
mod quiet;
mod reading;
mod reopening;
mod sample;
mod sharing;

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
}

/// The identity of the logs that rules are tried on.
const ORIGIN: &str = "example.org/waystage/suite";

impl Rule {
    /// Tries the rule on a store; it panics where the store breaks it.
    pub fn check(&self, store: &mut dyn StoreUnderTest) {
        match self.check {
            Check::Open(check) => check(&*store.create(ORIGIN)),
            Check::Reopened(check) => check(store),
        }
    }

    /// Returns the rule of this name.
    pub fn named(name: &str) -> Self {
        let rule = RULES.iter().find(|rule| rule.name == name);
        *rule.unwrap_or_else(|| panic!("{name} is no rule of the store suite"))
    }
}

/// Returns the rules that a store breaks, with what each says. Nothing is printed.
pub fn broken(factory: impl Fn() -> Box<dyn StoreUnderTest>) -> BTreeMap<&'static str, String> {
    RULES
        .iter()
        .filter_map(|rule| {
            let mut store = factory();
            let says = quiet::failure(|| rule.check(&mut *store))?;
            Some((rule.name, says))
        })
        .collect()
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
        sharing: [
            writers_of_their_own_streams_lose_nothing,
            writers_of_one_stream_each_append_to_what_they_read,
            writers_of_the_same_event_record_it_once,
            readers_see_whole_appends_only,
            a_reader_that_follows_misses_nothing,
        ]
    }
    Reopened {
        reopening: [
            a_reopened_store_gives_the_same,
            a_reopened_store_goes_on_where_it_ended,
            a_reopened_store_knows_its_duplicates,
        ]
    }
}

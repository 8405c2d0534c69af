//! The model suite: what every store of read models does, one small function a rule. An adapter
//! calls [`model_suite!`](crate::model_suite!) and gets one test a rule.

// The rules are assertions and nothing else; a failed one has to stop its test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

mod changes;
mod generations;
mod lists;
mod moments;
mod names;
mod reopening;
mod rows;
mod sample;

use waystage_store::models::ModelStore;

/// A kind of store that the suite is run on. Each rule gets one of its own.
pub trait ModelsUnderTest {
    /// Creates a store that keeps nothing yet. It is called once.
    fn create(&mut self) -> Box<dyn ModelStore>;

    /// Opens the created store again, after every handle was dropped; none where a store does not
    /// survive its handles, which then has nothing to show.
    fn reopen(&mut self) -> Option<Box<dyn ModelStore>>;
}

/// A rule that every store of read models keeps.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The rule as a sentence.
    pub name: &'static str,
    check: Check,
}

#[derive(Debug, Clone, Copy)]
enum Check {
    Open(fn(&dyn ModelStore)),
    Reopened(fn(&mut dyn ModelsUnderTest)),
}

impl Rule {
    /// Tries the rule on a store; it panics where the store breaks it.
    pub fn check(&self, store: &mut dyn ModelsUnderTest) {
        match self.check {
            Check::Open(check) => check(&*store.create()),
            Check::Reopened(check) => check(store),
        }
    }

    /// Returns the rule of this name.
    pub fn named(name: &str) -> Self {
        let rule = RULES.iter().find(|rule| rule.name == name);
        *rule.unwrap_or_else(|| panic!("{name} is no rule of the model suite"))
    }
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
        /// [`ModelsUnderTest`](crate::model_suite::ModelsUnderTest).
        #[macro_export]
        macro_rules! model_suite {
            ($dollar module:ident, $dollar factory:expr) => {
                mod $dollar module {
                    use super::*;

                    $($($(
                        #[test]
                        fn $rule() {
                            let rule = $crate::model_suite::Rule::named(stringify!($rule));
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
        generations: [
            nothing_is_kept_at_first,
            a_begun_generation_is_the_next_one_and_empty,
            beginning_again_drops_what_was_being_built,
            abandoning_drops_the_next_generation_alone,
            a_switch_makes_the_next_generation_live,
            a_switch_keeps_what_it_replaces_as_the_previous_generation,
            a_second_switch_drops_the_previous_generation,
            live_models_of_other_names_stay_live,
            models_that_stay_have_to_stand_where_the_next_generation_does,
            a_model_that_was_left_behind_hinders_no_switch_of_others,
            only_what_is_built_to_the_end_is_switched_to,
            what_was_left_behind_while_it_was_built_is_not_switched_to,
            a_reinstated_generation_is_brought_up_to_date_and_live_again,
            a_generation_that_was_left_behind_and_replaced_can_be_reinstated,
            reinstating_leaves_out_what_was_left_behind_before_the_rest,
            of_what_was_left_behind_what_came_furthest_is_reinstated,
            the_previous_generation_is_not_brought_further,
            a_model_may_come_with_other_tables,
        ]
        changes: [
            a_change_brings_a_generation_from_one_stand_to_another,
            how_far_a_generation_was_built_is_kept,
            a_change_from_any_other_stand_changes_nothing,
            a_change_of_a_model_that_is_not_kept_changes_nothing,
            a_change_that_fails_half_way_changes_nothing,
            models_that_a_change_leaves_out_are_left_behind,
            a_change_of_the_next_generation_leaves_the_live_one_alone,
            of_changes_from_one_stand_one_is_kept,
        ]
        rows: [
            rows_are_the_sums_of_what_was_added,
            a_row_of_zeros_vanishes_and_comes_again,
            amounts_may_be_less_than_nothing,
            nothing_and_an_empty_text_are_two_rows,
            values_of_every_kind_are_read_as_they_were_written,
            a_table_without_columns_has_one_row,
            rows_come_in_order_of_their_columns,
            a_large_change_is_kept_whole,
            amounts_that_grow_too_large_are_refused,
            cells_that_fit_no_table_are_refused,
            a_table_is_read_as_it_was_kept_or_not_at_all,
        ]
        lists: [
            whose_day_has_come_is_due_in_order_of_participants,
            due_days_are_replaced_and_taken_away,
            days_beyond_the_calendar_can_be_due,
            who_is_parked_is_listed_until_they_are_read_again,
            the_lists_of_one_model_are_not_another_ones,
            models_that_part_take_their_lists_along,
            lists_go_with_their_generation,
            lists_end_with_what_is_dropped,
        ]
        moments: [
            a_snapshot_sees_nothing_that_comes_after_it,
            a_snapshot_stays_as_it_is_while_others_change_the_store,
            a_snapshot_of_several_models_shows_one_stand,
            a_switch_is_seen_whole,
        ]
        names: [
            names_that_are_not_plain_are_refused,
            names_that_stand_twice_are_refused,
            names_that_a_store_has_for_itself_are_refused,
            shapes_that_hold_nothing_or_too_much_are_refused,
            a_table_of_another_live_model_is_refused,
            plain_names_are_kept_however_odd,
        ]
    }
    Reopened {
        reopening: [
            everything_is_there_when_the_store_is_opened_again,
        ]
    }
}

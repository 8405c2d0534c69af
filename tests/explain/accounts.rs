//! What a rule looked at, worked out beside the reading: the numbers of the account come to the
//! same answer, and a met reading's numbers are its amounts.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::account::{Account, Verdict, Why};
use waystage_core::rules::{Answer, Reading, RuleReading};
use waystage_core::view::{Basis, View};
use waystage_store::{EventReader, read_stream};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{World, far_end, worlds};

use crate::holds;

/// Shows every reading of a world with its account.
pub(crate) fn each_account(
    world: &World,
    view: View,
    mut look: impl FnMut(&Replayed<'_>, &RuleReading, &Account) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let store = recorded(&world.events)?;
    let lens = Lens::new(view, world.adoptions.clone().into());
    for participant in store.participants().unwrap() {
        let stream = read_stream(&store, participant).unwrap();
        let replayed = Replayed::of(participant, &stream.events, &lens);
        for reading in &replayed.readings {
            let account = replayed.account(reading).expect("an account of its own reading");
            look(&replayed, reading, &account)?;
        }
    }
    Ok(())
}

fn views(world: &World) -> [View; 3] {
    let reported = View { basis: Basis::Reported, ..world.view };
    [world.view, reported, far_end(Basis::Recorded)]
}

#[test]
fn an_account_comes_to_what_is_read() {
    let seen = RefCell::new(BTreeMap::<(Why, Answer), u32>::new());
    holds(500, &worlds(), |world| {
        for view in views(&world) {
            each_account(&world, view, |_, reading, account| {
                let says = account.says();
                prop_assert_eq!(account.verdict(), Verdict::from(&reading.reading), "{}", says);
                let amounts = match &reading.reading {
                    Reading::Met(met) => Some(met.amounts.clone()),
                    _ => None,
                };
                prop_assert_eq!(account.amounts(), amounts, "{}", says);
                prop_assert_eq!(account.version, reading.version);
                *seen.borrow_mut().entry((account.why(), account.answer())).or_default() += 1;
                Ok(())
            })?;
        }
        Ok(())
    });
    let seen = seen.into_inner();
    let whys: BTreeSet<Why> = seen.keys().map(|(why, _)| *why).collect();
    // these are too rare in generated worlds: `sentences.rs` tries them
    let rare = [Why::NoTerms, Why::NoRate, Why::GapsTooLong, Why::WorkMayCome];
    let missing: Vec<&Why> =
        Why::ALL.iter().filter(|why| !rare.contains(why) && !whys.contains(why)).collect();
    assert!(missing.is_empty(), "never seen: {missing:?} of {seen:#?}");
    for (why, answer) in seen.keys() {
        let fits = match why {
            Why::Met => *answer == Answer::Met,
            Why::NotStarted
            | Why::JobMayStart
            | Why::EarningsMayCome
            | Why::DaysMayCome
            | Why::WeeksMayCome
            | Why::PeriodMayCome
            | Why::WorkMayCome
            | Why::NotExited => *answer == Answer::NotYet,
            Why::DaysUnknown | Why::WeeksUnknown | Why::WorkUnknown => *answer == Answer::Unknown,
            _ => *answer == Answer::NotMet,
        };
        assert!(fits, "{why} is said of {answer}");
    }
}

/// Returns whether a text holds a day.
fn holds_a_day(text: &str) -> bool {
    text.split(|each: char| !(each.is_ascii_digit() || each == '-'))
        .any(|word| word.parse::<chrono::NaiveDate>().is_ok())
}

#[test]
fn a_reason_groups_people_and_a_sentence_gives_days() {
    holds(100, &worlds(), |world| {
        for view in views(&world) {
            each_account(&world, view, |replayed, reading, account| {
                let reason = account.reason();
                prop_assert!(!holds_a_day(&reason), "{}", reason);
                let reference = replayed.reference().map(ToString::to_string).unwrap_or_default();
                prop_assert!(reference.is_empty() || !reason.contains(&reference), "{}", reason);
                let looked_at_nothing = account.window().is_none();
                let says = account.says();
                prop_assert!(looked_at_nothing || holds_a_day(&says), "{}", says);
                if let Reading::Unknown { missing, .. } = reading.reading {
                    prop_assert!(says.contains(&missing.to_string()), "{}", says);
                }
                Ok(())
            })?;
        }
        Ok(())
    });
}

#[test]
fn events_of_an_account_are_facts_that_the_view_sees() {
    let named = RefCell::new(0_usize);
    holds(100, &worlds(), |world| {
        for view in views(&world) {
            each_account(&world, view, |replayed, _, account| {
                let seen: BTreeSet<_> =
                    replayed.journey.facts.iter().map(|(_, seen)| seen.recorded.id).collect();
                let events = account.events();
                *named.borrow_mut() += events.len();
                prop_assert!(events.iter().all(|event| seen.contains(event)));
                Ok(())
            })?;
        }
        Ok(())
    });
    assert!(*named.borrow() > 1000, "only {} events", named.borrow());
}

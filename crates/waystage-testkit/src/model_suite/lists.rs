//! Rules about who is due and who is parked.

use chrono::NaiveDate;
use waystage_core::id::{ParticipantId, Position};
use waystage_store::models::{ModelChange, ModelStore, Parked, Slot};

use super::sample::{adds, claims, date, from_to, funnel, live, parked, person, stand};

fn due(model: &str, entries: &[(u64, Option<&str>)]) -> ModelChange {
    let entries = entries.iter().map(|(number, day)| (person(*number), day.map(date)));
    ModelChange { due: entries.collect(), ..adds(model, []) }
}

fn park(model: &str, entries: &[(u64, Option<&str>)]) -> ModelChange {
    let entry = |(number, says): &(u64, Option<&str>)| {
        (person(*number), says.map(|says| because(*number, says)))
    };
    ModelChange { parked: entries.iter().map(entry).collect(), ..adds(model, []) }
}

/// Somebody who is parked; of an odd number because of an event.
fn because(number: u64, says: &str) -> Parked {
    let position = Position::new(number).filter(|_| number % 2 == 1);
    Parked { participant: person(number), position, says: says.to_owned() }
}

fn apply(store: &dyn ModelStore, models: Vec<ModelChange>) {
    store.apply(Slot::Live, &from_to(stand(1), stand(1), models)).unwrap();
}

fn listed(entries: &[(u64, &str)]) -> Vec<(ParticipantId, String)> {
    entries.iter().map(|(number, model)| (person(*number), (*model).to_owned())).collect()
}

pub(super) fn whose_day_has_come_is_due_in_order_of_participants(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let first = [(9, Some("2021-12-01")), (2, Some("2021-11-30")), (5, Some("2022-01-01"))];
    let second = [(5, Some("2021-11-30")), (2, Some("2021-12-01")), (7, None)];
    apply(store, vec![due("funnel", &first), due("claims", &second)]);
    for (by, expected) in [
        ("2021-11-29", listed(&[])),
        ("2021-11-30", listed(&[(2, "funnel"), (5, "claims")])),
        ("2021-12-31", listed(&[(2, "claims"), (2, "funnel"), (5, "claims"), (9, "funnel")])),
    ] {
        assert_eq!(store.due(Slot::Live, date(by)).unwrap(), expected, "by {by}");
    }
    assert_eq!(store.due(Slot::Live, NaiveDate::MAX).unwrap().len(), 5);
    assert_eq!(store.due(Slot::Next, NaiveDate::MAX).unwrap(), []);
}

pub(super) fn due_days_are_replaced_and_taken_away(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    apply(store, vec![due("funnel", &[(1, Some("2021-12-01")), (2, Some("2021-12-01"))])]);
    apply(store, vec![due("funnel", &[(1, Some("2022-12-01")), (3, None)])]);
    let by = |day: &str| store.due(Slot::Live, date(day)).unwrap();
    assert_eq!(by("2021-12-31"), listed(&[(2, "funnel")]));
    assert_eq!(by("2022-12-31"), listed(&[(1, "funnel"), (2, "funnel")]));
    apply(store, vec![due("funnel", &[(2, None)])]);
    assert_eq!(by("2022-12-31"), listed(&[(1, "funnel")]));
    // of two entries for one participant the later one counts
    apply(store, vec![due("funnel", &[(4, Some("2021-12-01")), (1, None), (4, None)])]);
    assert_eq!(by("2022-12-31"), listed(&[]));
    apply(store, vec![due("funnel", &[(4, None), (4, Some("2021-12-01"))])]);
    assert_eq!(by("2022-12-31"), listed(&[(4, "funnel")]));
}

pub(super) fn days_beyond_the_calendar_can_be_due(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    let mut far = due("funnel", &[(1, Some("2021-12-01"))]);
    far.due.push((person(2), Some(NaiveDate::MAX)));
    far.due.push((person(3), Some(NaiveDate::MIN)));
    apply(store, vec![far]);
    let by = |day| store.due(Slot::Live, day).unwrap();
    assert_eq!(by(date("2021-11-30")), listed(&[(3, "funnel")]));
    assert_eq!(by(date("2022-01-01")), listed(&[(1, "funnel"), (3, "funnel")]));
    assert_eq!(by(NaiveDate::MAX).len(), 3);
}

pub(super) fn who_is_parked_is_listed_until_they_are_read_again(store: &dyn ModelStore) {
    live(store, &[funnel()], 1);
    assert_eq!(parked(store, Slot::Live, "funnel"), []);
    let both = [(7, Some("it's \"odd\"\nand long")), (3, Some("")), (4, Some("x")), (5, None)];
    apply(store, vec![park("funnel", &both)]);
    let first = because(7, "it's \"odd\"\nand long");
    let expected = [because(3, ""), because(4, "x"), first.clone()];
    assert_eq!(parked(store, Slot::Live, "funnel"), expected);
    apply(store, vec![park("funnel", &[(3, Some("otherwise")), (4, None), (9, None)])]);
    assert_eq!(parked(store, Slot::Live, "funnel"), [because(3, "otherwise"), first]);
    apply(store, vec![park("funnel", &[(3, None), (7, None)])]);
    assert_eq!(parked(store, Slot::Live, "funnel"), []);
    // of two entries for one participant the later one counts
    apply(store, vec![park("funnel", &[(1, Some("x")), (1, None), (2, None), (2, Some("y"))])]);
    assert_eq!(parked(store, Slot::Live, "funnel"), [because(2, "y")]);
}

pub(super) fn the_lists_of_one_model_are_not_another_ones(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let mut first = due("funnel", &[(1, Some("2021-12-01"))]);
    first.parked = park("funnel", &[(1, Some("odd"))]).parked;
    let mut second = due("claims", &[(1, Some("2021-12-01"))]);
    second.parked = park("claims", &[(1, Some("even"))]).parked;
    apply(store, vec![first, second]);
    let mut gone = due("funnel", &[(1, None)]);
    gone.parked = park("funnel", &[(1, None)]).parked;
    apply(store, vec![gone, adds("claims", [])]);
    assert_eq!(store.due(Slot::Live, NaiveDate::MAX).unwrap(), listed(&[(1, "claims")]));
    assert_eq!(parked(store, Slot::Live, "funnel"), []);
    assert_eq!(parked(store, Slot::Live, "claims"), [because(1, "even")]);
}

pub(super) fn models_that_part_take_their_lists_along(store: &dyn ModelStore) {
    live(store, &[funnel(), claims()], 1);
    let days = |first, second| [(1, Some("2021-12-01")), (2, first), (3, second)];
    let both = |first, second| {
        vec![due("funnel", &days(first, second)), due("claims", &days(second, first))]
    };
    let later = Some("2022-12-01");
    apply(store, both(None, later));
    live(store, &[funnel()], 1);
    let by = |slot, day: &str| store.due(slot, date(day)).unwrap();
    assert_eq!(by(Slot::Live, "2022-12-31"), listed(&[(1, "claims"), (2, "claims")]));
    assert_eq!(by(Slot::Previous, "2022-12-31"), listed(&[(1, "funnel"), (3, "funnel")]));
    // what is said of one of them touches no other
    apply(store, vec![due("claims", &[(1, later), (2, None), (3, later)]), adds("funnel", [])]);
    apply(store, vec![due("funnel", &[(1, later), (2, Some("2021-12-01"))]), adds("claims", [])]);
    assert_eq!(by(Slot::Live, "2021-12-31"), listed(&[(2, "funnel")]));
    let all = [(1, "claims"), (1, "funnel"), (2, "funnel"), (3, "claims")];
    assert_eq!(by(Slot::Live, "2022-12-31"), listed(&all));
    assert_eq!(by(Slot::Previous, "2021-12-31"), listed(&[(1, "funnel")]));
    store.reinstate().unwrap();
    assert_eq!(by(Slot::Next, "2022-12-31"), listed(&[(1, "funnel"), (3, "funnel")]));
    store.switch().unwrap();
    let all = [(1, "claims"), (1, "funnel"), (3, "claims"), (3, "funnel")];
    assert_eq!(by(Slot::Live, "2022-12-31"), listed(&all));
    live(store, &[funnel()], 1);
    assert_eq!(by(Slot::Live, "2022-12-31"), listed(&[(1, "claims"), (3, "claims")]));
    apply(store, vec![due("claims", &[(1, None), (3, None)]), adds("funnel", [])]);
    assert_eq!(by(Slot::Live, "2022-12-31"), []);
}

pub(super) fn lists_go_with_their_generation(store: &dyn ModelStore) {
    for number in 1..=3 {
        store.begin(&[funnel()], &stand(1)).unwrap();
        let mut entry = due("funnel", &[(number, Some("2021-12-01"))]);
        entry.parked = park("funnel", &[(number, Some("odd"))]).parked;
        store.apply(Slot::Next, &from_to(stand(1), stand(1), vec![entry])).unwrap();
        store.switch().unwrap();
    }
    store.begin(&[funnel()], &stand(1)).unwrap();
    for (slot, expected) in [(Slot::Live, Some(3)), (Slot::Previous, Some(2)), (Slot::Next, None)] {
        let due: Vec<_> = expected.map(|number| (number, "funnel")).into_iter().collect();
        assert_eq!(store.due(slot, NaiveDate::MAX).unwrap(), listed(&due), "{slot:?}");
        let who: Vec<_> = expected.map(|number| because(number, "odd")).into_iter().collect();
        assert_eq!(parked(store, slot, "funnel"), who, "{slot:?}");
    }
}

pub(super) fn lists_end_with_what_is_dropped(store: &dyn ModelStore) {
    for abandons in [true, false, true] {
        store.begin(&[funnel(), claims()], &stand(1)).unwrap();
        assert_eq!(store.due(Slot::Next, NaiveDate::MAX).unwrap(), []);
        assert_eq!(parked(store, Slot::Next, "funnel"), []);
        let mut entry = due("funnel", &[(1, Some("2021-12-01"))]);
        entry.parked = park("funnel", &[(1, Some("odd"))]).parked;
        let both = vec![entry, adds("claims", [])];
        store.apply(Slot::Next, &from_to(stand(1), stand(1), both)).unwrap();
        if abandons {
            store.abandon().unwrap();
        }
    }
}

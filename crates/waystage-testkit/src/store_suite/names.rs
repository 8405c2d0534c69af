//! Rules about the names of sources, references and actors: kept letter by letter, and different
//! keys wherever one letter differs.

use waystage_core::id::Actor;
use waystage_core::journey::Sourced;
use waystage_store::{EventStore, NewEvent, Refusal, StoreError};

use super::sample::{direct, head, noon, person, record, refused, rows, sourced_from};

/// Names that a careless store changes.
const AWKWARD: &[&str] = &[
    " around ",
    "line\nbreak",
    "carriage\r\nreturn\r",
    "a\ttab",
    "a\0zero\0",
    "\u{1f}units\u{1f}apart\u{1e}",
    "\u{2028}line\u{2029}paragraph\u{85}",
    "\u{feff}marked\u{feff}",
    "\u{200b}no width\u{200b}",
    "\u{e9}t\u{e9}",
    "e\u{301}te\u{301}",
    "\u{212b}ngstr\u{f6}m",
    "007",
    "7",
    "-0",
    "1e3",
    "0x10",
    "true",
    "null",
    "it's",
    "it''s",
    "\"quoted\"",
    "\"\"",
    "a+b",
    "a%20b%",
    "a\\b\\\\n",
    "a_b",
    "a*b?",
    "Ŵàlés \u{1f9ed}",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "ǅ ß İ ı",
    ";--",
    "{\"a\":1}",
    "<a>&amp;",
];

/// Pairs of names that look alike, or that a careless comparison takes for one. The second is what
/// a pattern would match the first with, where it is one.
const ALIKE: &[(&str, &str)] = &[
    ("Name", "name"),
    ("Élan", "élan"),
    ("ΣΑΣ", "σας"),
    ("straße", "strasse"),
    ("name ", "name"),
    (" name", "name"),
    ("name\t", "name"),
    ("name\n", "name"),
    ("name\0", "name"),
    ("na\0me", "na\0you"),
    ("\u{feff}name", "name"),
    ("name\u{200b}", "name"),
    ("\u{e9}t\u{e9}", "e\u{301}te\u{301}"),
    ("été", "ete"),
    ("007", "7"),
    ("+7", "7"),
    ("7.0", "7"),
    ("1e1", "10"),
    ("it''s", "it's"),
    ("a b", "a+b"),
    ("a b", "a%20b"),
    ("a/b", "a\\b"),
    ("axb", "a_b"),
    ("axxb", "a%b"),
    ("axb", "a?b"),
    ("axxb", "a*b"),
    ("line\r\n", "line\n"),
    ("\u{1f9ed}", "\u{1f9ee}"),
    ("a\u{1f9ed}", "a"),
    ("fi", "\u{fb01}"),
];

/// Returns a direct event under this number that stands in the source's stead under this name.
fn named(number: u64, source: &str, reference: &str) -> NewEvent {
    let sourced = Some(Sourced { source: source.into(), reference: reference.into() });
    NewEvent { sourced, ..direct(number) }
}

/// Returns one event for each event that differs from the others in its key.
fn numbered(keys: impl IntoIterator<Item = (String, String)>) -> Vec<NewEvent> {
    let number =
        |(number, (source, reference)): (u64, (String, String))| named(number, &source, &reference);
    (1..).zip(keys).map(number).collect()
}

/// Asserts that the events are recorded as so many, one after the other, each under its own key.
fn are_all_different(store: &dyn EventStore, events: &[NewEvent]) {
    for (seconds, event) in (0..).zip(events) {
        assert_eq!(store.find(&event.key()).unwrap(), None, "{} was found", event.key());
        let receipt = record(store, seconds, person(1), vec![event.clone()])[0];
        assert!(!receipt.duplicate, "{} was taken for another", event.key());
    }
    for event in events {
        let found = store.find(&event.key()).unwrap().map(|row| row.id);
        assert_eq!(found, Some(event.id), "under {}", event.key());
    }
}

fn of_each(name: &str) -> [(String, String); 2] {
    [("extract:suite".to_owned(), name.to_owned()), (name.to_owned(), "R-1".to_owned())]
}

pub(super) fn names_are_kept_letter_by_letter(store: &dyn EventStore) {
    let mut events = numbered(AWKWARD.iter().flat_map(|name| of_each(name)));
    for (event, name) in events.iter_mut().zip(AWKWARD.iter().flat_map(|name| [name, name])) {
        event.actor = Actor::from(name);
    }
    record(store, 0, person(1), events.clone());
    for (row, event) in rows(store).iter().zip(&events) {
        assert_eq!((&row.actor, &row.sourced), (&event.actor, &event.sourced));
    }
}

pub(super) fn names_that_look_alike_are_different_keys(store: &dyn EventStore) {
    let mut names: Vec<_> = ALIKE.iter().flat_map(|(one, other)| [*one, *other]).collect();
    // a name may stand in two pairs
    let mut seen = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(name);
        seen.push(*name);
        new
    });
    for event in numbered(names.into_iter().flat_map(of_each)) {
        let key = event.key();
        let receipt = record(store, 0, person(1), vec![event])[0];
        assert!(!receipt.duplicate, "{key} was taken for another");
    }
}

pub(super) fn each_of_like_names_is_found_by_its_own_key(store: &dyn EventStore) {
    for (number, (one, other)) in (1_u64..).zip(ALIKE) {
        let source = format!("extract:{number}");
        let of_references = [(source.clone(), *one), (source, *other)];
        let reference = format!("R-{number}");
        let of_sources = [((*one).to_owned(), &*reference), ((*other).to_owned(), &*reference)];
        for (place, pair) in [of_references, of_sources].into_iter().enumerate() {
            let [(source, reference), (other, at)] = &pair;
            let number = 4 * number + 2 * place as u64;
            let one = named(number, source, reference);
            let other = named(number + 1, other, at);
            record(store, 0, person(1), vec![one.clone()]);
            let found = |event: &NewEvent| store.find(&event.key()).unwrap();
            assert_eq!(found(&other), None, "{} was looked for", other.key());
            assert_eq!(found(&one).map(|row| row.key()), Some(one.key()));
            record(store, 0, person(1), vec![other.clone()]);
            assert_eq!(found(&one).map(|row| row.key()), Some(one.key()));
            assert_eq!(found(&other).map(|row| row.key()), Some(other.key()));
        }
    }
}

pub(super) fn names_that_differ_in_their_last_letter_are_different_keys(store: &dyn EventStore) {
    let lengths = [8, 16, 32, 64, 128, 191, 255, 256, 512, 767, 1023];
    let pairs = lengths.iter().flat_map(|length| ["a", "b"].map(|end| "x".repeat(*length) + end));
    are_all_different(store, &numbered(pairs.flat_map(|name| of_each(&name))));
}

pub(super) fn a_source_and_a_reference_are_two_names(store: &dyn EventStore) {
    let mut keys = vec![("ab", "c".to_owned()), ("a", "bc".to_owned())];
    keys.extend([("left", "right".to_owned()), ("right", "left".to_owned())]);
    let between = [
        ":", "/", "\0", "\u{1f}", "\u{1e}", "|", " ", "\n", "\t", "-", "_", "#", ",", ";", ".",
        " of ",
    ];
    let joined: Vec<_> = between.map(|between| format!("1{between}2")).into();
    for (between, joined) in between.iter().zip(&joined) {
        keys.push((joined, "3".to_owned()));
        keys.push(("1", format!("2{between}3")));
    }
    let keys = keys.into_iter().map(|(source, reference)| (source.to_owned(), reference));
    are_all_different(store, &numbered(keys));
}

pub(super) fn a_blank_source_or_reference_is_refused(store: &dyn EventStore) {
    let fresh = head(store, person(1));
    for (source, reference, which) in
        [("", "R-1", "source"), ("extract:suite", "", "reference"), ("", "", "source")]
    {
        let event = sourced_from(source, reference);
        match refused(store, noon(0), vec![(fresh, vec![direct(1), event])]) {
            StoreError::Refused(Refusal::NoName { what }) => assert_eq!(what, which),
            error => panic!("{error}"),
        }
    }
}

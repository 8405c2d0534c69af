//! Rules about content under a used key: one letter that differs is enough for a refusal, wherever
//! it stands.

use waystage_core::determination::Changed;
use waystage_core::journey::Record;
use waystage_core::journey::evidence::{Consent, Evidence};
use waystage_core::time::Timestamp;
use waystage_store::{EventStore, NewEvent, Refusal, StoreError};

use super::ids::withdrawn;
use super::sample::{direct, head, noon, person, record, refused, sourced, started};

/// Records an event and asserts that the others are refused under its key.
fn are_refused(store: &dyn EventStore, event: &NewEvent, others: Vec<NewEvent>) {
    record(store, 0, person(1), vec![event.clone()]);
    let fresh = head(store, person(1));
    for other in others {
        assert_eq!(other.key(), event.key());
        match refused(store, noon(1), vec![(fresh, vec![other])]) {
            StoreError::Refused(Refusal::KeyUsed { .. }) => {}
            error => panic!("{error}"),
        }
    }
}

/// Tries texts under the key of another text, for a sourced event and a direct one.
fn texts_are_refused(store: &dyn EventStore, text: &str, others: &[&str]) {
    for event in [sourced("R-1"), direct(1)] {
        let with = |text: &&str| NewEvent { record: started(text), ..event.clone() };
        are_refused(store, &with(&text), others.iter().map(with).collect());
    }
}

pub(super) fn a_used_key_with_one_letter_changed_is_refused(store: &dyn EventStore) {
    let others = [
        "Came by bus at 9:30",
        "came by bus at 9:31",
        "came by sub at 9:30",
        "came by bus at 93:0",
        "came  by bus at 9:30",
        "camebybusat9:30",
        "came by bus at 9:30 ",
        " came by bus at 9:30",
        "came by bus at 9:30\n",
        "came by bus at 9:30\0",
        "c\u{e1}me by bus at 9:30",
        "",
    ];
    texts_are_refused(store, "came by bus at 9:30", &others);
}

pub(super) fn a_used_key_with_content_changed_far_behind_is_refused(store: &dyn EventStore) {
    for (number, length) in (1..).zip([250, 1_024, 4_096, 65_536, 200_000]) {
        let long = "x".repeat(length);
        let event = NewEvent { record: started(&(long.clone() + "a")), ..direct(number) };
        let other = NewEvent { record: started(&(long + "b")), ..direct(number) };
        are_refused(store, &event, vec![other]);
    }
}

pub(super) fn a_used_key_with_another_kind_of_one_content_is_refused(store: &dyn EventStore) {
    let consent = Consent { purpose: "employer_contact".to_owned(), method: None };
    for event in [sourced("R-1"), direct(1)] {
        let of = |evidence: Evidence| NewEvent {
            record: Record::Fact(evidence.into()),
            ..event.clone()
        };
        let given = of(Evidence::ConsentRecorded(consent.clone()));
        are_refused(store, &given, vec![of(Evidence::ConsentWithdrawn(consent.clone()))]);
    }
}

pub(super) fn a_used_key_with_another_determination_is_refused(store: &dyn EventStore) {
    let reads = |reads: &str| withdrawn(1, Changed::NoLongerMet { reads: reads.to_owned() });
    let others = vec![reads("unknown"), withdrawn(1, Changed::NotRead)];
    are_refused(store, &reads("not_yet"), others);
}

pub(super) fn a_used_key_reported_a_microsecond_apart_is_refused(store: &dyn EventStore) {
    for event in [sourced("R-1"), direct(1)] {
        let at = |micros: i64| NewEvent {
            reported_at: Some(Timestamp::from_micros(noon(0).micros() + micros)),
            ..event.clone()
        };
        are_refused(store, &at(500), [499, 501, 0, 1_500].map(at).to_vec());
    }
}

pub(super) fn a_key_that_was_looked_for_in_vain_is_known_once_recorded(store: &dyn EventStore) {
    for event in [sourced("R-1"), direct(1)] {
        assert_eq!(store.find(&event.key()).unwrap(), None);
        let first = record(store, 0, person(1), vec![event.clone()])[0];
        let again = record(store, 1, person(1), vec![event.clone()])[0];
        assert!(again.duplicate, "it was not known again");
        let found = store.find(&event.key()).unwrap();
        assert_eq!(found.map(|row| row.position), Some(first.position));
    }
}

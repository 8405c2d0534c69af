//! Rules about keys that are used for something else: refused, whatever the one difference is.

use waystage_core::id::ParticipantId;
use waystage_store::{EventStore, NewEvent, Refusal, StoreError};

use super::sample::{
    direct, head, january, job_started, noon, person, record, refused, sourced, started,
};

/// Records an event under each form of key and asserts that the same key is refused with a
/// difference, even where the head is stale.
fn is_refused_with(
    store: &dyn EventStore,
    participant: ParticipantId,
    difference: fn(&mut NewEvent),
) {
    let before = head(store, participant);
    for (seconds, event) in [(0, sourced("R-1")), (1, direct(1))] {
        record(store, seconds, person(1), vec![event.clone()]);
        let named = event.key().to_string();
        let mut other = event;
        difference(&mut other);
        for head in [head(store, participant), before] {
            match refused(store, noon(2), vec![(head, vec![other.clone()])]) {
                StoreError::Refused(Refusal::KeyUsed { key }) => assert_eq!(key, named),
                error => panic!("{error}"),
            }
        }
    }
}

pub(super) fn a_used_key_with_another_participant_is_refused(store: &dyn EventStore) {
    is_refused_with(store, person(2), |_| ());
}

pub(super) fn a_used_key_with_another_day_is_refused(store: &dyn EventStore) {
    is_refused_with(store, person(1), |event| event.on = january(2));
}

pub(super) fn a_used_key_with_another_time_of_report_is_refused(store: &dyn EventStore) {
    is_refused_with(store, person(1), |event| {
        event.reported_at = match event.reported_at {
            Some(_) => None,
            None => Some(noon(0)),
        };
    });
}

pub(super) fn a_used_key_with_other_content_is_refused(store: &dyn EventStore) {
    is_refused_with(store, person(1), |event| event.record = started("other"));
}

pub(super) fn a_used_key_with_another_kind_is_refused(store: &dyn EventStore) {
    is_refused_with(store, person(1), |event| event.record = job_started(None));
}

pub(super) fn a_key_used_within_the_append_is_refused(store: &dyn EventStore) {
    for event in [sourced("R-1"), direct(1)] {
        let mut other = event.clone();
        other.record = started("other");
        let fresh = head(store, person(1));
        let error = refused(store, noon(0), vec![(fresh, vec![event, other])]);
        let StoreError::Refused(Refusal::KeyUsed { .. }) = error else {
            panic!("{error}");
        };
    }
}

//! Rules about the log's own stream: it is a stream like any other, and of nobody.

use waystage_core::id::ParticipantId;
use waystage_store::{EventStore, Receipt, Refusal, StoreError};

use super::limits::entry;
use super::sample::{append, direct, head, noon, person, record, refused};

const LOG: ParticipantId = ParticipantId::LOG;

pub(super) fn an_entry_of_the_log_sent_again_gets_its_first_receipt(store: &dyn EventStore) {
    let stale = head(store, LOG);
    let first = record(store, 0, LOG, vec![entry(1, "text")])[0];
    record(store, 1, LOG, vec![entry(2, "text")]);
    for head in [head(store, LOG), stale] {
        let again = append(store, noon(2), vec![(head, vec![entry(1, "text")])]).unwrap();
        assert_eq!(again, [Receipt { duplicate: true, ..first }]);
    }
}

pub(super) fn a_used_key_of_the_log_with_another_entry_is_refused(store: &dyn EventStore) {
    record(store, 0, LOG, vec![entry(1, "text")]);
    let fresh = head(store, LOG);
    for other in ["other", "tex", ""] {
        match refused(store, noon(1), vec![(fresh, vec![entry(1, other)])]) {
            StoreError::Refused(Refusal::KeyUsed { .. }) => {}
            error => panic!("{error}"),
        }
    }
}

pub(super) fn a_stale_head_of_the_logs_own_stream_is_a_conflict(store: &dyn EventStore) {
    let never = head(store, LOG);
    record(store, 0, LOG, vec![entry(1, "text")]);
    let once = head(store, LOG);
    record(store, 1, LOG, vec![entry(2, "text")]);
    for stale in [never, once] {
        match refused(store, noon(2), vec![(stale, vec![entry(3, "text")])]) {
            StoreError::Conflict { participant, .. } => assert_eq!(participant, LOG),
            error => panic!("{error}"),
        }
    }
}

pub(super) fn the_last_position_may_be_the_logs_own(store: &dyn EventStore) {
    for number in [1, 3] {
        let own = record(store, 0, LOG, vec![entry(number, "text")])[0];
        assert_eq!(store.last_position().unwrap(), Some(own.position));
        record(store, 0, person(1), vec![direct(number + 1)]);
    }
}

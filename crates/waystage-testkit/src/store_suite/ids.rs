//! Rules about ids: streams and events whose ids are alike in part are apart, and every id is kept.

use waystage_core::determination::{Changed, Determination, DeterminationWithdrawn};
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::journey::Record;
use waystage_store::{EventStore, Key, NewEvent};

use super::sample::{direct, id, person, record, rows, sourced};

/// Returns sixteen bytes of which these at the front and these at the end differ from the others.
fn bytes(front: &[u8], end: &[u8]) -> [u8; 16] {
    let mut all = [7; 16];
    all[..front.len()].copy_from_slice(front);
    all[16 - end.len()..].copy_from_slice(end);
    all
}

/// Returns ids that are alike in part, in the order of their bytes.
fn alike() -> Vec<[u8; 16]> {
    let mut all = vec![
        bytes(&[], &[]),
        bytes(&[], &[8]),
        bytes(&[], &[6]),
        bytes(&[], &[9, 7, 7, 7, 7, 7, 7, 7]),
        bytes(&[9], &[]),
        bytes(&[7, 7, 7, 7, 7, 7, 7, 9], &[]),
        bytes(&[1, 0, 1], &[]),
        bytes(&[1, 0, 2], &[]),
        bytes(&[1, 0, 1], &[0]),
        bytes(&[0x80], &[]),
        bytes(&[0x7f], &[]),
        bytes(&[0; 8], &[]),
        bytes(&[0; 8], &[8]),
        bytes(&[], &[0; 8]),
        bytes(&[0; 15], &[1]),
        bytes(&[1], &[0; 15]),
        [0xff; 16],
        bytes(&[0xff; 15], &[0xfe]),
    ];
    all.sort_unstable();
    all
}

fn people() -> Vec<ParticipantId> {
    alike().into_iter().map(ParticipantId::from_bytes).collect()
}

/// Records two events for each of the people, the last of them first.
fn record_two_of_each(store: &dyn EventStore) {
    for (number, person) in (1..).zip(people().into_iter().rev()) {
        record(store, 0, person, vec![direct(2 * number), direct(2 * number + 1)]);
    }
}

pub(super) fn streams_whose_ids_are_alike_in_part_are_apart(store: &dyn EventStore) {
    record_two_of_each(store);
    for (number, person) in (1..).zip(people().into_iter().rev()) {
        let found = store.rows_of(person).unwrap();
        let found: Vec<_> = found.iter().map(|row| (row.participant, row.id)).collect();
        let own = [2 * number, 2 * number + 1].map(|number| (person, id(number)));
        assert_eq!(found, own);
    }
}

pub(super) fn participants_are_listed_in_the_order_of_their_bytes(store: &dyn EventStore) {
    record_two_of_each(store);
    assert_eq!(store.participants().unwrap(), people());
}

/// Returns the determination of this number, withdrawn.
pub(super) fn withdrawn(number: u64, changed: Changed) -> NewEvent {
    let determination = DeterminationWithdrawn { determination: id(1), changed, run: id(2) };
    let record = Record::Determination(Determination::DeterminationWithdrawn(determination));
    NewEvent { record, ..direct(number) }
}

pub(super) fn participants_with_determinations_only_are_listed(store: &dyn EventStore) {
    record(store, 0, person(2), vec![withdrawn(1, Changed::NotRead)]);
    record(store, 1, person(1), vec![direct(2)]);
    assert_eq!(store.participants().unwrap(), [1, 2].map(person));
}

pub(super) fn events_whose_ids_are_alike_in_part_are_apart(store: &dyn EventStore) {
    let with = |(number, bytes)| NewEvent { id: EventId::from_bytes(bytes), ..direct(number) };
    let events: Vec<_> = (1..).zip(alike()).map(with).collect();
    for (seconds, event) in (0..).zip(&events) {
        assert_eq!(store.find(&event.key()).unwrap(), None, "{} was found", event.key());
        let receipt = record(store, seconds, person(1), vec![event.clone()])[0];
        assert!(!receipt.duplicate, "{} was taken for another", event.key());
        assert_eq!(receipt.id, event.id);
    }
    for event in events {
        assert_eq!(store.find(&event.key()).unwrap().map(|row| row.id), Some(event.id));
    }
}

pub(super) fn a_direct_event_and_a_sourced_one_may_have_one_id(store: &dyn EventStore) {
    let [one, other] = ["R-1", "R-2"].map(sourced);
    let of_one = NewEvent { id: one.id, ..direct(1) };
    let of_other = NewEvent { id: other.id, ..direct(2) };
    let in_turn = [one, of_one, of_other, other];
    for (seconds, event) in (0..).zip(&in_turn) {
        let receipt = record(store, seconds, person(1), vec![event.clone()])[0];
        assert!(!receipt.duplicate, "{} was taken for another", event.key());
    }
    for event in in_turn {
        let found = store.find(&event.key()).unwrap();
        assert_eq!(found.map(|row| row.key()), Some(event.key()));
    }
}

pub(super) fn two_sourced_events_may_have_one_id(store: &dyn EventStore) {
    let both = ["R-1", "R-2"].map(|reference| NewEvent { id: id(1), ..sourced(reference) });
    for (seconds, event) in (0..).zip(&both) {
        let receipt = record(store, seconds, person(1), vec![event.clone()])[0];
        assert!(!receipt.duplicate, "{} was taken for another", event.key());
    }
    for event in both {
        let found = store.find(&event.key()).unwrap();
        assert_eq!(found.map(|row| row.key()), Some(event.key()));
    }
    assert_eq!(store.find(&Key::Id(id(1))).unwrap(), None);
}

pub(super) fn ids_of_nothing_but_zeros_are_kept(store: &dyn EventStore) {
    let zeros = EventId::from_bytes([0; 16]);
    let mut events = [1, 2, 3].map(direct);
    events[0].correlation = Some(zeros);
    events[1].causation = Some(zeros);
    events[2].id = zeros;
    record(store, 0, person(1), events.to_vec());
    for (row, event) in rows(store).iter().zip(events) {
        let kept = (row.id, row.correlation, row.causation);
        assert_eq!(kept, (event.id, event.correlation, event.causation));
    }
}

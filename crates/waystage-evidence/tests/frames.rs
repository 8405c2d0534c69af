//! Frames read back: what was hashed and nothing else, and no two events share their bytes.
#![allow(clippy::unwrap_used)] // a test may

use proptest::prelude::*;
use waystage_evidence::{DecodedFrame, Digest, FrameError, NO_LEAF, leaf};

fn day() -> impl Strategy<Value = String> {
    (1_u16..10_000, 1_u8..13, 1_u8..29)
        .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes).prop_filter("none", |hash| *hash != NO_LEAF)
}

/// Small alphabets, so that neighbouring parts often could be taken for each other.
fn any_frame() -> impl Strategy<Value = DecodedFrame> {
    let id = || prop_oneof![Just([0; 16]), Just([1; 16]), any::<[u8; 16]>()];
    let text = || prop_oneof!["[ab]{0,3}", "\\PC{0,12}"];
    let name = || "[ab]{1,3}";
    let places = (name(), 0..=u64::MAX - 1, id(), prop_oneof![Just(1), 2..=u64::MAX], digest());
    let what = (id(), "[A-C]{1,3}", any::<u32>(), any::<i64>(), any::<Option<i64>>(), day());
    let who = (text(), proptest::option::of((name(), name())));
    let ids = (proptest::option::of(id()), proptest::option::of(id()));
    let bytes = (proptest::collection::vec(any::<u8>(), 0..40), proptest::option::of(digest()));
    (places, what, who, ids, bytes).prop_map(|(places, what, who, ids, bytes)| {
        let (origin, index, participant, version, previous) = places;
        let (event_id, kind, schema, recorded_at, reported_at, on) = what;
        DecodedFrame {
            origin,
            position: index + 1,
            participant,
            version,
            previous_leaf: if version == 1 { NO_LEAF } else { previous },
            event_id,
            kind,
            schema,
            recorded_at,
            reported_at,
            on,
            actor: who.0,
            sourced: who.1,
            correlation: ids.0,
            causation: ids.1,
            payload: bytes.0,
            sealed_hash: bytes.1,
        }
    })
}

/// Exchanges one member of two events.
fn with_one_of(other: &DecodedFrame, mut frame: DecodedFrame, member: usize) -> DecodedFrame {
    let other = other.clone();
    match member {
        0 => frame.origin = other.origin,
        1 => frame.position = other.position,
        2 => frame.participant = other.participant,
        3 => (frame.version, frame.previous_leaf) = (other.version, other.previous_leaf),
        4 => frame.event_id = other.event_id,
        5 => frame.kind = other.kind,
        6 => frame.schema = other.schema,
        7 => frame.recorded_at = other.recorded_at,
        8 => frame.reported_at = other.reported_at,
        9 => frame.on = other.on,
        10 => frame.actor = other.actor,
        11 => frame.sourced = other.sourced,
        12 => frame.correlation = other.correlation,
        13 => frame.causation = other.causation,
        14 => frame.payload = other.payload,
        _ => frame.sealed_hash = other.sealed_hash,
    }
    frame
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_frame_is_read_back_as_it_was(frame in any_frame()) {
        let bytes = frame.frame().leaf_data();
        prop_assert_eq!(DecodedFrame::of_leaf_data(&bytes), Ok(frame.clone()));
        prop_assert_eq!(frame.frame().leaf(), leaf(&bytes));
    }

    #[test]
    fn two_events_share_no_bytes(one in any_frame(), other in any_frame(), member in 0_usize..16) {
        let changed = with_one_of(&other, one.clone(), member);
        for (left, right) in [(&one, &other), (&one, &changed)] {
            let same = left.frame().leaf_data() == right.frame().leaf_data();
            prop_assert_eq!(same, left == right);
        }
    }

    #[test]
    fn what_can_be_read_was_written_so(
        frame in any_frame(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = frame.frame().leaf_data();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(read) = DecodedFrame::of_leaf_data(&bytes) {
            prop_assert_eq!(read.frame().leaf_data(), bytes);
        }
    }

    #[test]
    fn no_part_of_a_frame_is_one(frame in any_frame(), cut in any::<prop::sample::Index>()) {
        let mut bytes = frame.frame().leaf_data();
        let part = &bytes[..cut.index(bytes.len())];
        prop_assert!(DecodedFrame::of_leaf_data(part).is_err());
        bytes.push(0);
        prop_assert_eq!(DecodedFrame::of_leaf_data(&bytes), Err(FrameError { part: "end" }));
    }
}

#[test]
fn values_that_no_event_has_are_refused() {
    let good = DecodedFrame {
        origin: "example.org/log".to_owned(),
        position: 1,
        participant: [0; 16],
        version: 1,
        previous_leaf: NO_LEAF,
        event_id: [0; 16],
        kind: "Referred".to_owned(),
        schema: 1,
        recorded_at: 0,
        reported_at: None,
        on: "2024-02-29".to_owned(),
        actor: String::new(),
        sourced: None,
        correlation: None,
        causation: None,
        payload: vec![],
        sealed_hash: None,
    };
    let read = |frame: &DecodedFrame| DecodedFrame::of_leaf_data(&frame.frame().leaf_data());
    assert_eq!(read(&good).as_ref(), Ok(&good));
    let with = |change: &dyn Fn(&mut DecodedFrame)| {
        let mut frame = good.clone();
        change(&mut frame);
        read(&frame).unwrap_err().part
    };
    assert_eq!(with(&|frame| frame.origin = "a log".to_owned()), "origin");
    assert_eq!(with(&|frame| frame.position = 0), "position");
    assert_eq!(with(&|frame| frame.version = 0), "version");
    assert_eq!(with(&|frame| frame.version = 2), "previous leaf");
    assert_eq!(with(&|frame| frame.previous_leaf = leaf(b"any")), "previous leaf");
    assert_eq!(with(&|frame| frame.kind = String::new()), "kind");
    assert_eq!(with(&|frame| frame.kind = "Référé".to_owned()), "kind");
    let sourced = |source: &str, reference: &str| {
        let sourced = Some((source.to_owned(), reference.to_owned()));
        with(&|frame| frame.sourced.clone_from(&sourced))
    };
    assert_eq!(sourced("", "R-1"), "source reference");
    assert_eq!(sourced("extract:demo", ""), "source reference");
    let days =
        ["", "0000-01-01", "2023-02-29", "1900-02-29", "2026-13-01", "2026-04-31", "2026-1-01"];
    for day in days.into_iter().chain(["2026-00-01", "2026-01-00", "02026-1-1", "+026-01-01"]) {
        assert_eq!(with(&|frame| day.clone_into(&mut frame.on)), "day", "{day}");
    }
}

//! Random rewriting: whatever is done to the events before a checkpoint that somebody holds, and
//! however much of it is hashed anew, is found.

use std::collections::BTreeMap;

use proptest::prelude::Rng as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use waystage_core::id::{ParticipantId, Position, Version};
use waystage_core::time::Timestamp;
use waystage_evidence::CompactRange;
use waystage_store::{Digest, EventReader, Held, Key, NO_LEAF, StoreError, StoredEvent, examine};

const ORIGIN: &str = "example.org/random";
/// Scripts that are tried where `ATTACKS` says nothing else.
const SCRIPTS: u64 = 20_000;

/// Rows, as a store might give them.
struct Rows {
    rows: Vec<StoredEvent>,
    kept: Option<CompactRange>,
}

impl EventReader for Rows {
    fn origin(&self) -> &str {
        ORIGIN
    }

    fn last_position(&self) -> Result<Option<Position>, StoreError> {
        Ok(self.rows.last().map(|row| row.position))
    }

    fn participants(&self) -> Result<Vec<ParticipantId>, StoreError> {
        Ok(Vec::new())
    }

    fn rows_of(&self, participant: ParticipantId) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.rows.iter().filter(|row| row.participant == participant).cloned().collect())
    }

    fn rows_after(
        &self,
        position: Option<Position>,
        count_max: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let after = position.map_or(0, Position::get);
        let rows = self.rows.iter().filter(|row| after < row.position.get());
        Ok(rows.take(count_max).cloned().collect())
    }

    fn find(&self, _: &Key) -> Result<Option<StoredEvent>, StoreError> {
        Ok(None)
    }

    fn kept_range(&self) -> Result<Option<CompactRange>, StoreError> {
        Ok(self.kept.clone())
    }
}

struct Dice(TestRng);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.0.next_u64() % sides as u64).unwrap()
    }
}

/// A log of few people with few events, which fits itself.
fn history(dice: &mut Dice) -> Vec<StoredEvent> {
    let mut rows = Vec::new();
    let mut at = 1_700_000_000_000_000;
    for index in 0..24 + dice.below(16) {
        at += 1 + i64::try_from(dice.below(5)).unwrap();
        let number = u8::try_from(index).unwrap();
        rows.push(StoredEvent {
            position: Position::FIRST,
            participant: ParticipantId::from_bytes([1 + number % 4; 16]),
            version: Version::FIRST,
            id: waystage_core::id::EventId::from_bytes([number; 16]),
            kind: "ContactMade".into(),
            schema: 1,
            recorded_at: Timestamp::from_micros(at),
            reported_at: (dice.below(2) == 0).then(|| Timestamp::from_micros(at - 9)),
            on: "2024-01-01".parse().unwrap(),
            actor: "user:1".into(),
            sourced: None,
            correlation: None,
            causation: None,
            payload: format!("{{\"n\":{index}}}").into_bytes(),
            leaf: NO_LEAF,
        });
    }
    fitted(rows, 0, true)
}

/// Numbers events anew where asked, and computes leaves anew from one place on.
fn fitted(mut rows: Vec<StoredEvent>, from: usize, numbers: bool) -> Vec<StoredEvent> {
    let mut tips: BTreeMap<ParticipantId, (Version, Digest)> = BTreeMap::new();
    let mut last = None;
    for (index, row) in rows.iter_mut().enumerate() {
        let tip = tips.get(&row.participant).copied();
        if numbers {
            row.position = Position::after(last);
            row.version = Version::after(tip.map(|tip| tip.0));
        }
        if from <= index {
            row.leaf = row.leaf_of(ORIGIN, tip.map_or(NO_LEAF, |tip| tip.1));
        }
        tips.insert(row.participant, (row.version, row.leaf));
        last = Some(row.position);
    }
    rows
}

fn tree(rows: &[StoredEvent]) -> CompactRange {
    let mut range = CompactRange::new();
    for row in rows {
        range.push(row.leaf);
    }
    range
}

/// Changes something, perhaps nothing that is to be seen.
fn edit(rows: &mut Vec<StoredEvent>, dice: &mut Dice) {
    if rows.len() < 2 {
        return;
    }
    let (at, other) = (dice.below(rows.len()), dice.below(rows.len()));
    match dice.below(16) {
        0 => rows[at].payload.push(b' '),
        1 => rows[at].kind = "ContactMadf".into(),
        2 => rows[at].actor = "user:2".into(),
        3 => rows[at].schema += 1,
        4 => rows[at].on = rows[at].on.succ_opt().unwrap(),
        5 => rows[at].recorded_at = Timestamp::from_micros(rows[at].recorded_at.micros() + 1),
        6 => rows[at].reported_at = Some(Timestamp::from_micros(7)),
        7 => rows[at].participant = rows[other].participant,
        8 => rows[at].id = rows[other].id,
        9 => {
            rows.remove(at);
        }
        10 => {
            let copy = rows[other].clone();
            rows.insert(at, copy);
        }
        11 => rows.swap(at, other),
        12 => rows.truncate(at),
        13 => rows[at].position = rows[other].position,
        14 => rows[at].leaf = rows[other].leaf,
        _ => {
            let (here, there) = (rows[at].payload.clone(), rows[other].payload.clone());
            (rows[at].payload, rows[other].payload) = (there, here);
        }
    }
}

#[test]
fn no_random_rewriting_escapes_who_holds_a_checkpoint() {
    let scripts = std::env::var("ATTACKS").ok().and_then(|text| text.parse().ok());
    let scripts: u64 = scripts.unwrap_or(SCRIPTS);
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]),
    );
    let mut dice = Dice(runner.new_rng());
    let (mut changed, mut found) = (0_u64, 0_u64);
    while changed < scripts {
        let honest = history(&mut dice);
        let range = tree(&honest);
        for _ in 0..16 {
            let mut rows = honest.clone();
            for _ in 0..=dice.below(3) {
                edit(&mut rows, &mut dice);
            }
            let from = match dice.below(4) {
                0 => usize::MAX,
                1 => dice.below(rows.len() + 1),
                _ => 0,
            };
            let rows = fitted(rows, from, dice.below(2) == 0);
            if rows == honest {
                continue;
            }
            changed += 1;
            // the first place that is another, which whoever holds the leaves has to be told, or an
            // earlier one that does not follow
            let differs = honest.iter().zip(&rows).position(|(one, other)| one != other);
            let differs = differs.unwrap_or(honest.len().min(rows.len())) as u64 + 1;
            let kept = (dice.below(2) == 0).then(|| tree(&rows));
            let reader = Rows { rows, kept };
            let leaves = honest.iter().map(|row| row.leaf).collect();
            for leaves in [leaves, Vec::new()] {
                let is_exact = !leaves.is_empty();
                let held = Held { size: honest.len() as u64, root: range.root(), leaves };
                let (first, through) = match examine(&reader, &[held], &|_| {}) {
                    Ok(_) if reader.rows.len() > honest.len() && differs > honest.len() as u64 => {
                        continue; // only what came after the checkpoint is another
                    }
                    Ok(verified) => panic!("{differs} escaped: {verified:?}"),
                    Err(StoreError::Corrupt { position, .. }) => (position.get(), u64::MAX),
                    Err(StoreError::Rewritten { first, through, .. }) => {
                        (first.get(), through.get())
                    }
                    Err(StoreError::BehindCheckpoint { last, held }) => {
                        (last.map_or(0, Position::get) + 1, held)
                    }
                    Err(other) => panic!("{other}"),
                };
                if is_exact {
                    assert!(first <= differs, "at {differs}, told {first}");
                } else {
                    assert!(differs <= through, "at {differs}, told up to {through}");
                }
                found += u64::from(is_exact);
            }
        }
    }
    println!("{changed} rewritings, {found} found where the leaves are held");
    assert!(found * 100 >= changed * 95, "nearly all lie before the checkpoint");
}

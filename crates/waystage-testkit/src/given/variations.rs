//! Variations of a test: ways of sending, recording and adding up the same facts that must not
//! matter. Chances are drawn from a seed, so that a failure comes again.

use std::fmt;

use waystage_core::contribution::Projection;
use waystage_core::replayed::Lens;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::{
    Append, EventStore, MemoryStore, NewEvent, StoreError, ToStream, read_stream,
};

use crate::logs::{Streams, Told, decoded, rearranged, record, streams};
use crate::parts::{Parts, Words, kept_up, parts, parts_in_parallel, shown};

/// How often chance is tried.
const ROUNDS: u32 = 8;

/// A way of sending, recording or adding up the same facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variation {
    /// Every fact is sent twice; the second is a duplicate.
    Doubled,
    /// Facts are recorded in batches.
    Batches,
    /// Facts arrive in another order, corrections after what they act on, and are read by what was
    /// reported.
    ArrivalOrder,
    /// The same, read at the end by what was recorded.
    RecordingOrder,
    /// People are asked about on several threads.
    Parallel,
    /// People are in two logs that are added up.
    Shards,
    /// The model is kept up event by event: the old part is taken away, the new one added.
    Upkeep,
}

impl Variation {
    /// Every variation.
    pub const ALL: &'static [Self] = &[
        Self::Doubled,
        Self::Batches,
        Self::ArrivalOrder,
        Self::RecordingOrder,
        Self::Parallel,
        Self::Shards,
        Self::Upkeep,
    ];
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Doubled => "every fact is sent twice",
            Self::Batches => "facts are recorded in batches",
            Self::ArrivalOrder => "facts arrive in another order",
            Self::RecordingOrder => "facts were recorded in another order",
            Self::Parallel => "people are asked about on several threads",
            Self::Shards => "people are in two logs that are added up",
            Self::Upkeep => "it is kept up event by event",
        })
    }
}

/// Chances, drawn from a seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn is_even(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }
}

/// Tries a variation and returns nothing, or who contributes what otherwise.
pub(super) fn varied<P: Projection>(
    variation: Variation,
    events: &[Told],
    lens: &Lens,
    projection: &P,
    key: &dyn Fn(&P::Key) -> String,
    seed: u64,
) -> Result<(), String> {
    let words = Words::of(events, key);
    let mut chance = Chance(seed);
    let plain = streams(events);
    let expected = parts(&plain, lens, projection);
    let same = |got: &Parts<P::Key>| words.same(&expected, got);
    match variation {
        Variation::Doubled => same(&parts(&doubled(events)?, lens, projection)),
        Variation::Parallel => same(&parts_in_parallel(&plain, lens, projection)),
        Variation::Upkeep => kept_up(&plain, &|view| lens.at(view), lens.view, projection, &words),
        Variation::Batches => (0..ROUNDS).try_for_each(|_| {
            let batched = batched(events, &mut chance).map_err(|error| error.to_string())?;
            same(&parts(&batched, lens, projection))
        }),
        Variation::Shards => (0..ROUNDS).try_for_each(|_| {
            let mut together = Parts::new();
            for shard in shards(&plain, events, &mut chance) {
                together.extend(parts(&streams(&shard), lens, projection));
            }
            same(&together)
        }),
        Variation::ArrivalOrder => orders(events, lens, projection, &words, &mut chance),
        Variation::RecordingOrder => {
            let (as_of, known_at) = (lens.view.as_of, Timestamp::MAX);
            let lens = lens.at(View { as_of, known_at, basis: Basis::Recorded, ..lens.view });
            orders(events, &lens, projection, &words, &mut chance)
        }
    }
}

fn doubled(events: &[Told]) -> Result<Streams, String> {
    let store = MemoryStore::new("example.org/given");
    let says = |error: StoreError| error.to_string();
    record(&store, events).map_err(says)?;
    let once = decoded(&store).map_err(says)?;
    record(&store, events).map_err(says)?;
    let twice = decoded(&store).map_err(says)?;
    if once != twice {
        return Err("what was sent again was recorded again".to_owned());
    }
    Ok(twice)
}

fn batched(events: &[Told], chance: &mut Chance) -> Result<Streams, StoreError> {
    let store = MemoryStore::new("example.org/given");
    let mut batch: Vec<&Told> = Vec::new();
    let mut now = Timestamp::MIN;
    for (index, told) in events.iter().enumerate() {
        batch.push(told);
        now = now.max(told.1.reported_at.unwrap_or(now));
        if index + 1 == events.len() || chance.is_even() {
            let mut streams: Vec<ToStream> = Vec::new();
            for (participant, event) in batch.drain(..) {
                let event: NewEvent = event.clone();
                let there = |to: &&mut ToStream| to.head.participant() == *participant;
                if let Some(to) = streams.iter_mut().find(there) {
                    to.events.push(event);
                } else {
                    let head = read_stream(&store, *participant)?.head();
                    streams.push(ToStream { head, events: vec![event] });
                }
            }
            let _ = store.append(Append { now, streams })?;
        }
    }
    decoded(&store)
}

fn shards(plain: &Streams, events: &[Told], chance: &mut Chance) -> [Vec<Told>; 2] {
    let in_one: Vec<_> = plain.keys().filter(|_| chance.is_even()).collect();
    let (one, other) = events.iter().cloned().partition(|(id, _)| in_one.contains(&id));
    [one, other]
}

fn orders<P: Projection>(
    events: &[Told],
    lens: &Lens,
    projection: &P,
    words: &Words<'_, P::Key>,
    chance: &mut Chance,
) -> Result<(), String> {
    let expected = parts(&streams(events), lens, projection);
    let tried = |order: &[Told]| words.same(&expected, &parts(&streams(order), lens, projection));
    for _ in 0..ROUNDS {
        let keys: Vec<u64> = events.iter().map(|_| chance.next()).collect();
        let mut order = rearranged(events, &keys);
        if tried(&order).is_ok() {
            continue;
        }
        settle(events, &mut order, &|order| tried(order).is_err());
        let says = tried(&order).err().unwrap_or_default();
        return Err(format!("{says}\n  in this order:\n{}", shown(&order)));
    }
    Ok(())
}

/// Brings an order that matters as near to the one written down as it can be without ceasing to.
fn settle(written: &[Told], order: &mut [Told], matters: &dyn Fn(&[Told]) -> bool) {
    let place = |told: &Told| written.iter().position(|(_, event)| event.id == told.1.id);
    let mut settled = false;
    while !settled {
        settled = true;
        for at in 1..order.len() {
            if place(&order[at - 1]) > place(&order[at]) {
                order.swap(at - 1, at);
                if matters(order) {
                    settled = false;
                } else {
                    order.swap(at - 1, at);
                }
            }
        }
    }
}

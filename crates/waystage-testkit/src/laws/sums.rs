//! L2: however a model is added up, and however it is kept up, it is the same.

use waystage_core::contribution::{Contributions, Projection};
use waystage_replay::Replay;
use waystage_store::MemoryStore;

use super::trial::Trial;
use crate::logs::{Told, decoded, record, streams};
use crate::parts::{Parts, kept_up, parts, parts_in_parallel, sum};

/// Asked again, in parallel, in batches of any size, of a store or shard by shard, the parts are
/// the same and add up to the same.
pub(super) fn sums<P: Projection>(trial: &Trial<'_, P::Key>, projection: &P) -> Result<(), String> {
    let lens = trial.lens(trial.world.view);
    let once = parts(&trial.streams, &lens, projection);
    trial.same("asked again", &once, &parts(&trial.streams, &lens, projection))?;
    let parallel = parts_in_parallel(&trial.streams, &lens, projection);
    trial.same("asked on several threads", &once, &parallel)?;
    let store = MemoryStore::new("example.org/generated");
    let kept = record(&store, &trial.world.events).and_then(|()| decoded(&store));
    let kept = kept.map_err(|error| error.to_string())?;
    trial.same("read from a store", &once, &parts(&kept, &lens, projection))?;
    let replayed = Replay::new(&store, &lens).sum(projection).map_err(|error| error.to_string())?;
    if let Some(parked) = replayed.parked.first() {
        return Err(format!("{}: {}", trial.words.name(parked.participant), parked.says));
    }
    let whole = sum(once.values());
    add_up(trial, "replayed as a whole, everybody together", &whole, &replayed.model)?;
    for size in 1..=once.len() {
        let all: Vec<_> = once.values().collect();
        let batches: Vec<_> = all.chunks(size).map(|batch| sum(batch.iter().copied())).collect();
        let backwards = sum(batches.iter().rev());
        add_up(trial, &format!("in batches of {size}, everybody together"), &whole, &backwards)?;
    }
    let mut nothing = whole;
    for part in once.values() {
        nothing.subtract(part);
    }
    add_up(trial, "after every part was taken away", &Contributions::none(), &nothing)?;
    shards(trial, projection)
}

/// Logs that hold some participants each, and therefore other positions and instants of recording,
/// give the same parts.
fn shards<P: Projection>(trial: &Trial<'_, P::Key>, projection: &P) -> Result<(), String> {
    let in_one = |told: &&Told| told.0.as_bytes()[0] % 2 == u8::from(trial.chosen % 2 == 0);
    let (one, other): (Vec<&Told>, Vec<&Told>) = trial.world.events.iter().partition(in_one);
    for (view, called) in trial.settled() {
        let lens = trial.lens(view);
        let mut together = Parts::new();
        for shard in [&one, &other] {
            let shard: Vec<Told> = shard.iter().map(|told| (*told).clone()).collect();
            together.extend(parts(&streams(&shard), &lens, projection));
        }
        let whole = parts(&trial.streams, &lens, projection);
        trial.same(&format!("in two shards, {called}"), &whole, &together)?;
    }
    Ok(())
}

fn add_up<K: Ord + Clone>(
    trial: &Trial<'_, K>,
    what: &str,
    expected: &Contributions<K>,
    got: &Contributions<K>,
) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    Err(format!("{what} contribute\n{}", trial.words.amounts(expected, got)))
}

/// Kept up event by event, the model is at each position what it would be if built anew.
pub(super) fn upkeep<P: Projection>(
    trial: &Trial<'_, P::Key>,
    projection: &P,
) -> Result<(), String> {
    let lens = |view| trial.lens(view);
    kept_up(&trial.streams, &lens, trial.world.view, projection, &trial.words)
}

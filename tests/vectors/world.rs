//! An engine in memory whose clock a test sets, and people whose facts are lines.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use waystage::{Adoption, Clock, Engine, IdSource};
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::replayed::Replayed;
use waystage_core::rules::Reading;
use waystage_core::time::Timestamp;
use waystage_core::view::{Basis, View};
use waystage_store::{MemoryStore, Receipt, naming};

use crate::lines::{Person, day, instant};

/// Long before anything happens: packs are adopted then.
const BEGINNING: &str = "2010-01-01";

/// An engine and the hand of its clock.
pub(crate) struct World {
    pub(crate) engine: Engine,
    hand: Arc<AtomicI64>,
}

/// Moves on by a millisecond whenever somebody looks: what was recorded is known afterwards.
struct Ticking(Arc<AtomicI64>);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(1_000, Ordering::SeqCst))
    }
}

/// Ids in the order in which they are asked for.
struct Counted(AtomicU64);

impl IdSource for Counted {
    fn next(&self, now: Timestamp) -> EventId {
        let milliseconds = u128::try_from(now.micros() / 1000).expect("after 1970");
        let number = u128::from(self.0.fetch_add(1, Ordering::SeqCst));
        EventId::from_bytes((milliseconds << 80 | number).to_be_bytes())
    }
}

impl World {
    /// Returns a world with the packs and tables that come with the engine.
    pub(crate) fn bundled() -> Self {
        Self::with(&Adoption::bundled())
    }

    /// Returns a world with one pack and, where the text is not empty, one tables file.
    pub(crate) fn of(pack: &str, tables: &str) -> Self {
        let texts = |name: &str, text: &str| match text {
            "" => Vec::new(),
            text => vec![(name.to_owned(), text.to_owned())],
        };
        Self::with(&Adoption {
            packs: texts("pack.toml", pack),
            tables: texts("tables.toml", tables),
        })
    }

    fn with(adoption: &Adoption) -> Self {
        let hand = Arc::new(AtomicI64::new(instant(BEGINNING).micros()));
        let engine = Engine::with(
            Arc::new(MemoryStore::new("example.org/vectors")),
            Box::new(Ticking(Arc::clone(&hand))),
            Box::new(Counted(AtomicU64::new(1))),
        );
        engine.adopt(adoption).expect("packs that fit");
        let world = Self { engine, hand };
        world.now("2030-01-01");
        world
    }

    /// Sets the clock to an instant; a day alone is its noon, UTC.
    pub(crate) fn now(&self, at: &str) {
        self.hand.store(instant(at).micros(), Ordering::SeqCst);
    }

    /// Records the facts of one person, all of them now.
    pub(crate) fn record(&self, person: &Person, facts: &str) -> Vec<Receipt> {
        let mut ids = Vec::new();
        let mut news = Vec::new();
        for line in person.read(facts) {
            assert_eq!(line.stored, line.told, "the clock says when a fact is stored");
            ids.push(line.id);
            let fact = self.engine.fact(line.on, "user:01", line.fact);
            news.push(fact.sourced(line.sourced, line.told));
        }
        let receipts = self.engine.record(id(person), news);
        let receipts = receipts.expect("facts that can be recorded");
        let recorded: Vec<EventId> = receipts.iter().map(|receipt| receipt.id).collect();
        assert_eq!(recorded, ids);
        receipts
    }

    /// Returns what a rule reads of a person's participation, as known now.
    pub(crate) fn reads(&self, person: &Person, as_of: &str, rule: &str) -> Reading {
        self.reads_in(person, View::new(day(as_of), self.engine.now()), "P1", rule)
    }

    /// Returns what a rule reads of a person's participation in a view.
    pub(crate) fn reads_in(
        &self,
        person: &Person,
        view: View,
        participation: &str,
        rule: &str,
    ) -> Reading {
        self.look(person, view, |replayed| {
            let id = naming::participation(&person.source(), participation).id;
            let mut readings = replayed.readings.iter();
            let read = readings.find(|each| each.participation == id && each.rule.as_str() == rule);
            read.expect("a reading of the rule").reading.clone()
        })
    }

    /// Returns what `look` makes of a person, replayed in a view.
    pub(crate) fn look<T>(
        &self,
        person: &Person,
        view: View,
        look: impl FnOnce(&Replayed<'_>) -> T,
    ) -> T {
        let lens = self.engine.lens(view).expect("a lens");
        let replay = self.engine.replay(&lens);
        replay.one(id(person), look).expect("a stream that can be read")
    }
}

/// Returns a person of this name, whose referrals are to this programme where they name none.
pub(crate) fn person(name: &str, programme: &str) -> Person {
    Person { name: name.to_owned(), programme: programme.to_owned() }
}

fn id(person: &Person) -> ParticipantId {
    naming::participant(&person.source(), &person.name)
}

/// Returns the view up to a day, as the sources knew it at an instant.
pub(crate) fn reported(as_of: &str, known_at: &str) -> View {
    View::new(day(as_of), instant(known_at)).basis(Basis::Reported)
}

/// Returns the day of a reading of met and the total that decided it, in pence.
pub(crate) fn met_with_total(reading: &Reading) -> Option<(String, i64)> {
    use waystage_core::determination::Amounts::Earnings;
    match reading {
        Reading::Met(met) => match met.amounts {
            Earnings { total_pence, .. } => Some((met.on.to_string(), total_pence)),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the day of a reading of met.
pub(crate) fn met_on(reading: &Reading) -> Option<String> {
    match reading {
        Reading::Met(met) => Some(met.on.to_string()),
        _ => None,
    }
}

//! Whether a wrong store can be told from a right one at all. Both are asked the same questions,
//! drawn from lists of awkward values, until they answer differently: a store that never does so is
//! no wrong store and has no place in the census.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use waystage_core::determination::{
    Changed, Determination, DeterminationWithdrawn, LogEntry, TablesAdopted,
};
use waystage_core::id::{EventId, ParticipantId, Position};
use waystage_core::journey::correction::{Correction, FactWithdrawn};
use waystage_core::journey::evidence::{Consent, Evidence};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{Append, EventStore, Head, Key, NewEvent, ToStream, read_stream, verify};
use waystage_testkit::store_suite::StoreUnderTest;

use crate::parts::{Right, Wrong, site};

const NAMES: &[&str] = &[
    "a",
    "b",
    "A",
    "a:b",
    "b:c",
    "c",
    "a/b",
    "b/c",
    "ab",
    "bc",
    "a\0b",
    "a\u{1f}b",
    "b\u{1f}c",
    "b\0c",
    "a\0",
    "7",
    "007",
    "+7",
    "a ",
    " a",
    "\u{feff}a",
    "é",
    "e\u{301}",
    "e",
    "É",
    "a_c",
    "abc",
    "a\\b",
    "''",
    "'",
    "a+b",
    "a b",
    "\r\n",
    "\n",
    "\t",
    "\u{1f600}",
    "a\u{1f600}",
    "\u{142}",
    "",
];
const DAYS: &[(i32, u32, u32)] =
    &[(2026, 1, 1), (2024, 2, 29), (1969, 12, 31), (1926, 1, 1), (2126, 1, 1), (2300, 1, 1)];
const START: i64 = 1_767_225_600_000_000;

/// Numbers that look drawn by chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// A right store and another one, side by side.
struct Pair {
    right: Box<dyn StoreUnderTest>,
    other: Box<dyn StoreUnderTest>,
    stores: Option<[Box<dyn EventStore>; 2]>,
    chance: Chance,
    now: i64,
    events: Vec<(ParticipantId, NewEvent)>,
    heads: BTreeMap<ParticipantId, Vec<Head>>,
}

type Step = Result<(), String>;

impl Pair {
    fn new(other: Box<dyn StoreUnderTest>, seed: u64) -> Self {
        let (mut right, mut other) = (site(|| Right), other);
        let origin = " Example.org/Log/ ";
        let stores = Some([right.create(origin), other.create(origin)]);
        let (now, events, heads) = (START, Vec::new(), BTreeMap::new());
        Self { right, other, stores, chance: Chance(seed), now, events, heads }
    }

    fn ask<T: Debug>(&self, what: &str, ask: impl Fn(&dyn EventStore) -> T) -> Step {
        let [right, other] = self.stores.as_ref().unwrap();
        let [right, other] = [right, other].map(|store| format!("{:?}", ask(store.as_ref())));
        let cut = |text: String| text.chars().take(300).collect::<String>();
        if right == other {
            return Ok(());
        }
        Err(format!("{what}: {} | {}", cut(right), cut(other)))
    }

    fn ask_in_time(&self, after: Option<Position>, patience: Duration) -> Step {
        self.ask("wait_after", |store| store.wait_after(after, patience))?;
        let [_, other] = self.stores.as_ref().unwrap();
        let (begin, last) = (Instant::now(), other.last_position().unwrap());
        let _ = other.wait_after(after, patience);
        let most = if last > after { Duration::ZERO } else { patience };
        let late = begin.elapsed() > most + Duration::from_millis(100);
        if late { Err("wait_after: too long".to_owned()) } else { Ok(()) }
    }

    fn participant(&mut self) -> ParticipantId {
        let mut bytes = [7; 16];
        match self.chance.below(12) {
            0 | 1 => return ParticipantId::LOG,
            2 => bytes = [0xFF; 16],
            3 => bytes[..8].fill(0),
            4 => bytes[0] = 0x80,
            5 => bytes[15] = 1,
            6 => bytes[0] = 9,
            7 => bytes[3] = 0,
            8 => bytes[3..5].fill(0),
            _ => {}
        }
        ParticipantId::from_bytes(bytes)
    }

    fn id(&mut self) -> EventId {
        let mut bytes = [3; 16];
        for at in [0, 6, 8, 15] {
            bytes[at] = u8::try_from(self.chance.below(3)).unwrap();
        }
        if self.chance.one_in(30) {
            EventId::from_bytes([0; 16])
        } else {
            EventId::from_bytes(bytes)
        }
    }

    fn name(&mut self) -> String {
        match self.chance.below(12) {
            0 => "x".repeat(self.chance.of(&[255, 256, 768, 1_023, 1_024, 1_025])),
            1 => {
                let length = self.chance.of(&[64, 255, 767, 1_022]);
                format!("{}{}", "x".repeat(length), self.chance.of(&["a", "b"]))
            }
            _ => self.chance.of(NAMES).to_owned(),
        }
    }

    fn text(&mut self) -> String {
        let texts = ["", "a", "b", "B", "ab", "ba", "a b", "é", "a\0", "\r\n", "it's"];
        match self.chance.below(40) {
            0 => "x".repeat(self.chance.of(&[65_535, 70_000, 1_010_000, 1_048_576])),
            1 => "x".repeat(1_200) + self.chance.of(&["a", "b"]),
            2 => "x".repeat(66_000) + self.chance.of(&["a", "b"]),
            _ => self.chance.of(&texts).to_owned(),
        }
    }

    fn record(&mut self, participant: ParticipantId) -> Record {
        let in_the_log = (participant == ParticipantId::LOG) != self.chance.one_in(60);
        if in_the_log {
            let (digest, text) = (self.text(), self.text());
            return Record::Log(LogEntry::TablesAdopted(TablesAdopted { digest, text }));
        }
        let method = if self.chance.one_in(2) { None } else { Some(self.text()) };
        let consent = Consent { purpose: self.text(), method };
        match self.chance.below(8) {
            0 | 1 => Record::Determination(Determination::DeterminationWithdrawn(
                DeterminationWithdrawn {
                    determination: self.id(),
                    changed: self.chance.of(&[
                        Changed::NotRead,
                        Changed::NoLongerMet { reads: "unknown".to_owned() },
                        Changed::NoLongerMet { reads: "not_yet".to_owned() },
                    ]),
                    run: self.id(),
                },
            )),
            2 => {
                let earlier = self.chance.below(self.events.len().max(1));
                let earlier = self.events.get(earlier).map(|(_, event)| event.id);
                let corrects = earlier.unwrap_or_else(|| self.id());
                let withdrawn = FactWithdrawn { corrects, reason: None };
                Record::Fact(Fact::Correction(Correction::FactWithdrawn(withdrawn)))
            }
            3 => Record::Fact(Fact::Evidence(Evidence::ConsentWithdrawn(consent))),
            _ => Record::Fact(Fact::Evidence(Evidence::ConsentRecorded(consent))),
        }
    }

    fn reported_at(&mut self) -> Option<Timestamp> {
        let night = 1_792_890_000_000_000; // 25 October 2026, 01:00 UTC
        let some =
            [0, -1, START, START + 1, START + 999, START + 1_001, START + 123_457, night + 5];
        if self.chance.one_in(3) {
            None
        } else {
            Some(Timestamp::from_micros(self.chance.of(&some)))
        }
    }

    fn on(&mut self) -> NaiveDate {
        let here = Timestamp::from_micros(self.now).date();
        match self.chance.below(10) {
            0 => here.succ_opt().unwrap(),
            1 => here.succ_opt().unwrap().succ_opt().unwrap(),
            2..=4 => {
                let (year, month, day) = self.chance.of(DAYS);
                NaiveDate::from_ymd_opt(year, month, day).unwrap()
            }
            _ => NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        }
    }

    fn event(&mut self, participant: ParticipantId) -> NewEvent {
        let sourced = if self.chance.one_in(3) {
            None
        } else {
            Some(Sourced { source: self.name().into(), reference: self.name().into() })
        };
        let long = "y".repeat(300);
        NewEvent {
            id: self.id(),
            on: self.on(),
            reported_at: self.reported_at(),
            actor: self.chance.of(&["", "user:01", "User:01", "a\tb", "a\nb", &long]).into(),
            sourced,
            correlation: if self.chance.one_in(2) { None } else { Some(self.id()) },
            causation: if self.chance.one_in(2) { None } else { Some(self.id()) },
            record: self.record(participant),
        }
    }

    /// Returns an event that was sent before, most often with something changed.
    fn again(&mut self) -> Option<(ParticipantId, NewEvent)> {
        if self.events.is_empty() {
            return None;
        }
        let (mut participant, mut event) = self.chance.of(&self.events);
        match self.chance.below(17) {
            0 => event.actor = "user:02".into(),
            1 => event.correlation = Some(self.id()),
            2 => event.causation = Some(self.id()),
            3 => event.id = if event.sourced.is_some() { self.id() } else { event.id },
            4 => event.on = self.on(),
            5 | 6 => event.reported_at = self.reported_at(),
            7 | 8 => event.record = self.record(participant),
            9 => participant = self.participant(),
            10 => {
                if let Record::Fact(Fact::Evidence(Evidence::ConsentRecorded(consent))) =
                    event.record
                {
                    let withdrawn = Evidence::ConsentWithdrawn(consent);
                    event.record = Record::Fact(Fact::Evidence(withdrawn));
                }
            }
            11 => event.sourced = None,
            12 | 13 => self.alters_a_text(&mut event),
            _ => {}
        }
        Some((participant, event))
    }

    fn alters_a_text(&mut self, event: &mut NewEvent) {
        let Record::Fact(Fact::Evidence(Evidence::ConsentRecorded(consent))) = &mut event.record
        else {
            return;
        };
        consent.purpose = match self.chance.below(4) {
            0 => consent.purpose.to_uppercase(),
            1 => consent.purpose.chars().rev().collect(),
            2 => consent.purpose.replace(' ', ""),
            _ => {
                let mut text = consent.purpose.clone();
                let last = text.pop();
                format!("{text}{}", if last == Some('a') { 'b' } else { 'a' })
            }
        };
    }

    fn head(&mut self, participant: ParticipantId) -> Head {
        let [right, _] = self.stores.as_ref().unwrap();
        let head = read_stream(right.as_ref(), participant).unwrap().head();
        let seen = self.heads.entry(participant).or_default();
        seen.push(head);
        let seen = seen.clone();
        match self.chance.below(6) {
            0 => self.chance.of(&seen),
            1 if self.chance.one_in(2) => {
                // a head from another store, which went further
                let further = site(|| Right).create("elsewhere");
                let mut from = read_stream(further.as_ref(), participant).unwrap().head();
                for at in 0..self.chance.below(6) {
                    let mut event = self.event(participant);
                    event.id = EventId::from_bytes([0x40 + u8::try_from(at).unwrap(); 16]);
                    (event.sourced, event.on) = (None, NaiveDate::default());
                    let streams = vec![ToStream { head: from, events: vec![event] }];
                    let _ =
                        further.append(Append { now: Timestamp::from_micros(self.now), streams });
                    from = read_stream(further.as_ref(), participant).unwrap().head();
                }
                from
            }
            _ => head,
        }
    }

    fn streams(&mut self) -> Vec<ToStream> {
        let count = self.chance.of(&[0, 1, 1, 1, 1, 2, 2, 3, 3, 4]);
        let mut streams = Vec::new();
        for _ in 0..count {
            let mut participant = self.participant();
            let mut events = Vec::new();
            for _ in 0..self.chance.of(&[0, 1, 1, 1, 2, 3]) {
                let again = if self.chance.one_in(3) { self.again() } else { None };
                if let Some((whose, event)) = again {
                    participant = if events.is_empty() { whose } else { participant };
                    events.push(event);
                } else {
                    events.push(self.event(participant));
                }
            }
            if self.chance.one_in(8) {
                events.extend(events.first().cloned());
            }
            let head = self.head(participant);
            streams.push(ToStream { head, events });
        }
        streams
    }

    fn append(&mut self) -> Step {
        let evening = self.chance.one_in(10);
        self.now += match self.chance.below(12) {
            0..=4 => 0,
            5 => -3_000_000,
            6 => -5_000_000,
            7 => 3_600_000_000,
            8 => self.chance.of(&[1, 31]) * 86_400_000_000,
            _ => 1 + i64::try_from(self.chance.below(5_000)).unwrap(),
        };
        if evening {
            self.now += 86_400_000_000 - self.now.rem_euclid(86_400_000_000) - 1_000_000;
        }
        let now = self.now
            + self.chance.of(&[0, 0, 0, 0, 0, 0, 0, 0, -40_000_000, -5_500_000, 7_000_000]);
        let append = Append { now: Timestamp::from_micros(now), streams: self.streams() };
        self.send(append)
    }

    fn send(&mut self, append: Append) -> Step {
        for to in &append.streams {
            let whose = to.head.participant();
            self.events.extend(to.events.iter().map(|event| (whose, event.clone())));
        }
        self.ask("append", |store| store.append(append.clone()))
    }

    fn looks(&mut self) -> Step {
        let participant = self.participant();
        let numbers = [1, 9, 10, 99, 1 << 32, (1 << 32) + 3, u64::MAX / 2 + 2, u64::MAX];
        let mut after = Position::new(self.chance.of(&numbers));
        let counts = [0, 1, 3, 100, 65_535, 65_536, usize::MAX];
        let count_max = self.chance.of(&counts);
        if self.chance.one_in(3) {
            let [right, _] = self.stores.as_ref().unwrap();
            after = right.last_position().unwrap();
        }
        let sourced = Sourced { source: self.name().into(), reference: self.name().into() };
        let again = self.again().map(|(_, event)| event);
        let own = again.map_or(Key::Id(self.id()), |event| {
            if self.chance.one_in(4) { Key::Id(event.id) } else { event.key() }
        });
        self.ask("rows_of", |store| store.rows_of(participant))?;
        self.ask("rows_after", |store| store.rows_after(after, count_max))?;
        self.ask("find", |store| store.find(&Key::Sourced(sourced.clone())))?;
        self.ask("find", |store| store.find(&own))?;
        let patience = self.chance.of(&[Duration::ZERO, Duration::from_millis(1)]);
        match self.chance.below(4) {
            0 => self.ask_in_time(after, patience),
            1 => self.ask_in_time(None, patience),
            2 if self.chance.one_in(20) => {
                let [right, _] = self.stores.as_ref().unwrap();
                if right.last_position().unwrap().is_some() {
                    self.ask_in_time(None, Duration::from_millis(150))?;
                    self.ask_in_time(None, Duration::MAX)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn looks_at_all(&self) -> Step {
        self.ask("last_position", |store| store.last_position())?;
        self.ask("participants", |store| store.participants())?;
        self.ask("rows_after", |store| store.rows_after(None, usize::MAX))?;
        self.ask("verify", |store| verify(store))
    }

    fn reopens(&mut self) -> Step {
        self.stores = None;
        self.stores = Some([self.right.reopen().unwrap(), self.other.reopen().unwrap()]);
        self.ask("origin", |store| store.origin().to_owned())
    }

    fn steps(&mut self, count: usize) -> Step {
        for _ in 0..count {
            match self.chance.below(40) {
                0..=19 => self.append()?,
                20..=36 => self.looks()?,
                37 | 38 => self.reopens()?,
                _ => self.looks_at_all()?,
            }
        }
        self.looks_at_all()
    }
}

fn plain(number: u64) -> NewEvent {
    let mut id = [0xB0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let consent = Consent { purpose: number.to_string(), method: None };
    NewEvent {
        id: EventId::from_bytes(id),
        on: NaiveDate::default(),
        reported_at: None,
        actor: "system".into(),
        sourced: None,
        correlation: None,
        causation: None,
        record: Record::Fact(Fact::Evidence(Evidence::ConsentRecorded(consent))),
    }
}

/// Sends what chance seldom draws: texts that differ in little, and a head 256 versions behind.
fn seldom(other: Box<dyn StoreUnderTest>) -> Step {
    let pair = Pair::new(other, 1);
    let participant = ParticipantId::from_bytes([7; 16]);
    let [right, _] = pair.stores.as_ref().unwrap();
    let empty = read_stream(right.as_ref(), participant).unwrap().head();
    let now = Timestamp::from_micros(START);
    let send = |events: Vec<NewEvent>| {
        let streams = vec![ToStream { head: empty, events }];
        pair.ask("append", |store| store.append(Append { now, streams: streams.clone() }))
    };
    let long = "x".repeat(66_000);
    let texts = [("a b", "ab"), (&*format!("{long}a"), &*format!("{long}b"))];
    let with = |number: u64, text: &str| {
        let consent = Consent { purpose: text.to_owned(), method: None };
        let record = Record::Fact(Fact::Evidence(Evidence::ConsentRecorded(consent)));
        NewEvent { record, ..plain(number) }
    };
    let mut events: Vec<NewEvent> = (0..254).map(plain).collect();
    events.extend((1_000..).zip(texts).map(|(number, (text, _))| with(number, text)));
    send(events)?;
    for (number, (_, text)) in (1_000..).zip(texts) {
        send(vec![with(number, text)])?;
    }
    send(vec![plain(2_000)])
}

/// Fills a stream and a thousand others, and looks.
fn in_bulk(other: Box<dyn StoreUnderTest>, appends: u64) -> Step {
    const SIZE: u64 = 1_100;
    let mut pair = Pair::new(other, 1);
    let participant = ParticipantId::from_bytes([7; 16]);
    let append = |pair: &mut Pair, participants: &[ParticipantId], events: Vec<NewEvent>| {
        let shared = events.len() / participants.len();
        let [right, _] = pair.stores.as_ref().unwrap();
        let streams = participants.iter().zip(events.chunks(shared)).map(|(id, events)| ToStream {
            head: read_stream(right.as_ref(), *id).unwrap().head(),
            events: events.to_vec(),
        });
        let streams = streams.collect();
        pair.now += 1_000_000;
        pair.ask("append", |store| {
            store.append(Append {
                now: Timestamp::from_micros(pair.now),
                streams: Vec::clone(&streams),
            })
        })
    };
    for round in 0..appends {
        let events = (0..SIZE).map(|at| plain(round * SIZE + at)).collect();
        append(&mut pair, &[participant], events)?;
    }
    let old: Vec<NewEvent> = (0..SIZE).map(plain).collect();
    append(&mut pair, &[participant], old.clone())?;
    let mut refused: Vec<NewEvent> = (0..SIZE).map(|at| plain((1 << 40) + at)).collect();
    refused.last_mut().unwrap().id = old[0].id;
    append(&mut pair, &[participant], refused)?;
    let many: Vec<ParticipantId> = (0..SIZE)
        .map(|at| ParticipantId::from_bytes((u128::from(at) + (1 << 100)).to_be_bytes()))
        .collect();
    append(&mut pair, &many, (0..SIZE).map(|at| plain((1 << 50) + at)).collect())?;
    pair.ask("rows_of", |store| store.rows_of(participant))?;
    pair.looks_at_all()?;
    pair.reopens()?;
    append(&mut pair, &[participant], old)?;
    append(&mut pair, &[participant], (0..SIZE).map(|at| plain((SIZE * 2) + at)).collect())?;
    pair.looks_at_all()
}

/// Returns the first answer in which a store differs from a right one.
pub(crate) fn difference(wrong: &Wrong) -> Option<String> {
    let make = wrong.make;
    let first = move || -> Step {
        for seed in 1..=25 {
            Pair::new(make(), seed).steps(250)?;
        }
        seldom(make())?;
        in_bulk(make(), 11)?;
        in_bulk(make(), 62)
    };
    match std::thread::spawn(first).join() {
        Ok(step) => step.err(),
        Err(_) => Some("it panics".to_owned()),
    }
}

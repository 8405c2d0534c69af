//! The demo's population, its scenario files, and each participation as it is and as imagined.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use chrono::NaiveDate;
use waystage::core::id::{ParticipantId, ProgrammeId};
use waystage::core::journey::entry::{Allocated, Arm, Entry};
use waystage::core::journey::{Fact, Recorded};
use waystage::core::readings::{Case, StandardAnswer};
use waystage::core::replayed::{Lens, Replayed};
use waystage::core::rules::{Answer, Reading};
use waystage::core::view::View;
use waystage::programmes::ScenarioFile;
use waystage::{Engine, SourceNames};
use waystage_store::read_stream;

use crate::program;

/// The demo's population, as it comes without being asked for another size or seed.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) view: View,
    streams: BTreeMap<ParticipantId, Vec<Recorded>>,
    /// As it is, by the day that a question asks about.
    plain: Mutex<BTreeMap<NaiveDate, Arc<All>>>,
    asked: Mutex<BTreeMap<String, Arc<Asked>>>,
    _folder: tempfile::TempDir,
}

/// What a rule reads, and the day of the outcome where it is met.
pub(crate) type Told = (Answer, Option<NaiveDate>);

/// One participation, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) participation: String,
    pub(crate) programme: String,
    pub(crate) group: Option<String>,
    pub(crate) provider: String,
    pub(crate) referred: NaiveDate,
    pub(crate) started: Option<NaiveDate>,
    /// Whether it started and was not closed by the last day of the view.
    pub(crate) is_open: bool,
    pub(crate) is_control: bool,
    pub(crate) is_assumed: bool,
    pub(crate) key_worker: Option<String>,
    /// By rule, or `rule/tier`.
    pub(crate) rules: BTreeMap<String, Told>,
    pub(crate) standards: BTreeMap<String, StandardAnswer>,
    /// The last day of each limit.
    pub(crate) limits: BTreeMap<String, Option<NaiveDate>>,
    /// Pence of every fee earned, by fee.
    pub(crate) fees: BTreeMap<String, i64>,
    /// Claims in order: the rule, and what its evidence reads.
    pub(crate) claims: Vec<(String, Answer)>,
}

/// Every participation by what its source calls it. Who reads the same is the same in memory.
pub(crate) type All = BTreeMap<String, Arc<Read>>;

/// A question: the file, and every participation before and after.
pub(crate) struct Asked {
    pub(crate) file: ScenarioFile,
    pub(crate) plain: Lens,
    pub(crate) lens: Lens,
    pub(crate) before: Arc<All>,
    pub(crate) after: All,
}

impl World {
    pub(crate) fn demo() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(Self::made)
    }

    fn made() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("demo");
        program::answer(&out, &["demo", "--out", out.to_str().unwrap()]);
        let engine = Engine::open(&out.join("store")).unwrap();
        let view = View { as_of: "2025-09-30".parse().unwrap(), ..engine.today() };
        let reader = engine.reader();
        let all = reader.participants().unwrap().into_iter();
        let streams = all.filter(|id| *id != ParticipantId::LOG);
        let streams = streams.map(|id| (id, read_stream(reader, id).unwrap().events)).collect();
        let (plain, asked) = (Mutex::default(), Mutex::default());
        Self { engine, view, streams, plain, asked, _folder: folder }
    }

    /// Asks what a file of the folder asks.
    pub(crate) fn ask(&self, name: &str) -> Arc<Asked> {
        let mut all = self.asked.lock().unwrap();
        Arc::clone(all.entry(name.to_owned()).or_insert_with(|| Arc::new(self.asked_anew(name))))
    }

    fn asked_anew(&self, name: &str) -> Asked {
        let names = SourceNames("demo".into());
        let text = std::fs::read_to_string(folder().join(name)).unwrap();
        let read = self.engine.scenario((name, &text), self.view, &names);
        let (view, file) = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.grid, None, "{name}");
        let plain = self.engine.lens(view).unwrap();
        let lens = plain.clone().scenario(file.scenario.clone());
        let mut read = self.plain.lock().unwrap();
        let before = read.entry(view.as_of).or_insert_with(|| Arc::new(self.read(&plain)));
        let before = Arc::clone(before);
        drop(read);
        let after = self.read(&lens).into_iter().map(|(name, read)| {
            let same = before.get(&name).filter(|before| **before == read);
            (name, same.map_or(read, Arc::clone))
        });
        let after = after.collect();
        Asked { file, plain, lens, before, after }
    }

    /// Returns every participant's stream.
    pub(crate) const fn streams(&self) -> &BTreeMap<ParticipantId, Vec<Recorded>> {
        &self.streams
    }

    fn read(&self, lens: &Lens) -> All {
        let nothing = Vec::new();
        let assumed = lens.scenario.assumed_participants();
        let strangers = assumed.iter().filter(|id| !self.streams.contains_key(id));
        let strangers = strangers.map(|id| (id, &nothing));
        let all = self.streams.iter().chain(strangers);
        let read = all.flat_map(|(id, stream)| {
            let replayed = Replayed::of(*id, stream, lens);
            Case::all(&replayed).map(|case| one(&case, &replayed)).collect::<Vec<_>>()
        });
        read.map(|read| (read.participation.clone(), Arc::new(read))).collect()
    }
}

fn one(case: &Case<'_>, replayed: &Replayed<'_>) -> Read {
    let of = case.participation;
    let own = case.rule_readings.iter().filter(|each| each.participation == of.id);
    let rules = own.map(|each| (each.name(), told(&each.reading)));
    let is_control = of.facts.iter().any(|index| {
        let fact = case.journey.facts[*index].fact.as_ref();
        matches!(fact, Fact::Entry(Entry::Allocated(Allocated { arm: Arm::Control, .. })))
    });
    let mut fees: BTreeMap<String, i64> = BTreeMap::new();
    for each in case.earned() {
        let name = each.tier.map_or_else(|| each.fee.to_string(), |tier| tier.to_string());
        *fees.entry(name).or_default() += i64::try_from(each.pence.unwrap()).unwrap();
    }
    Read {
        participation: of.reference.to_string(),
        programme: of.programme.to_string(),
        group: of.group.clone(),
        provider: of.provider.clone(),
        referred: of.referred.on,
        started: of.started.map(|step| step.on),
        is_open: of.started.is_some() && of.closed.is_none() && of.exited.is_none(),
        is_control,
        is_assumed: replayed.holds_assumed(),
        key_worker: of.key_worker.clone(),
        rules: rules.collect(),
        standards: case.standards().map(|each| (each.standard, each.answer)).collect(),
        limits: case.limits().map(|each| (each.limit, each.last)).collect(),
        fees,
        claims: case.claims().iter().map(|each| (each.rule.to_string(), each.evidence)).collect(),
    }
}

fn told(reading: &Reading) -> Told {
    match reading {
        Reading::Met(met) => (Answer::Met, Some(met.on)),
        other => (other.answer(), None),
    }
}

/// Returns the folder of the scenario files.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scenarios")
}

/// Returns the names of the scenario files, in order.
pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

impl Asked {
    /// Returns the participations of a programme, before and after, those that it assumes too.
    pub(crate) fn of<'a>(
        &'a self,
        programme: &'a str,
    ) -> impl Iterator<Item = (Option<&'a Read>, &'a Read)> {
        let all = self.after.iter().filter(move |(_, read)| read.programme == programme);
        all.map(|(name, after)| (self.before.get(name).map(Arc::as_ref), after.as_ref()))
    }

    /// Returns every programme, in order.
    pub(crate) fn programmes(&self) -> Vec<String> {
        self.plain.programmes().programmes.keys().map(ProgrammeId::to_string).collect()
    }

    /// Counts participations by what a rule reads: met, not met, not yet, unknown.
    pub(crate) fn counts(all: &All, programme: &str, rule: &str) -> [i64; 4] {
        let mut counts = [0; 4];
        for read in all.values().filter(|read| read.programme == programme) {
            let Some((answer, _)) = read.rules.get(rule) else { continue };
            counts[match answer {
                Answer::Met => 0,
                Answer::NotMet => 1,
                Answer::NotYet => 2,
                Answer::Unknown => 3,
            }] += 1;
        }
        counts
    }

    /// Counts how a rule's readings move: now met, no longer met, met on another day, otherwise.
    pub(crate) fn moves(&self, programme: &str, rule: &str) -> [i64; 4] {
        let mut counts = [0; 4];
        for (before, after) in self.of(programme) {
            let Some(after) = after.rules.get(rule) else { continue };
            let before = before.and_then(|before| before.rules.get(rule));
            let was = before.is_some_and(|before| before.0 == Answer::Met);
            if before == Some(after) {
                continue;
            }
            counts[match (was, after.0 == Answer::Met) {
                (false, true) => 0,
                (true, false) => 1,
                (true, true) => 2,
                (false, false) => 3,
            }] += 1;
        }
        counts
    }

    /// Returns the rules of a programme any reading of which changes.
    pub(crate) fn changed_rules(&self, programme: &str) -> Vec<String> {
        let mut rules = std::collections::BTreeSet::new();
        for (before, after) in self.of(programme) {
            for (rule, told) in &after.rules {
                if before.and_then(|before| before.rules.get(rule)) != Some(told) {
                    rules.insert(rule.clone());
                }
            }
        }
        rules.into_iter().collect()
    }
}

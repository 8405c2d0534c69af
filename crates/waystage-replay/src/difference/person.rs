//! How one participant differs: which facts, which rules, which readings, and what of each figure
//! is due to the one and to the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::contribution::Contributions;
use waystage_core::id::{ParticipantId, ParticipationId, ProgrammeId, RuleId, TierId};
use waystage_core::replayed::Replayed;
use waystage_core::rules::{Reading, RuleReading};
use waystage_core::table::{Cell, Table, Value};

use super::Rules;
use super::facts::{FactChange, facts};

/// A reading that is another on the second side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingChange {
    /// The participation.
    pub participation: ParticipationId,
    /// What its source calls it.
    pub reference: String,
    /// The programme.
    pub programme: ProgrammeId,
    /// The rule.
    pub rule: RuleId,
    /// The tier, where the rule has tiers.
    pub tier: Option<TierId>,
    /// The reading on the first side; none where it is not read there.
    pub before: Option<RuleReading>,
    /// The reading on the second side; none where it is not read there.
    pub after: Option<RuleReading>,
    /// Why the first side does not read the same, in words with numbers and without people, so that
    /// many can be grouped.
    pub reason: String,
    /// What was looked at on each side, in a sentence.
    pub says: [Option<String>; 2],
    /// The events behind the reading of met: the second side's, or the first's where only that one
    /// is met.
    pub because: Vec<String>,
    /// Whether the reading on the second side rests on what a scenario assumes: one of met on an
    /// event that is assumed, and any other where a fact of theirs is.
    pub assumed: bool,
}

/// How one participant differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDifference {
    /// The participant.
    pub participant: ParticipantId,
    /// What their source calls them, where a side sees it.
    pub reference: Option<String>,
    /// Facts that are others.
    pub facts: Vec<FactChange>,
    /// Programmes of theirs whose rules are others; where none is and rules changed something, all
    /// whose rules are others: a model may read everybody by every programme.
    pub rules: Vec<ProgrammeId>,
    /// Whether tables that rules name (rates, calendars) are others.
    pub tables: bool,
    /// Whether the day up to which facts are read is another.
    pub day: bool,
    /// Readings that are others.
    pub readings: Vec<ReadingChange>,
    /// What of the change of each model is due to facts and days: with the first side's rules.
    pub by_facts: Vec<Contributions<Cell>>,
    /// What is due to rules, on the second side's facts.
    pub by_rules: Vec<Contributions<Cell>>,
}

/// What a participant contributed before, after, and in between: the second side's facts under the
/// first side's rules.
pub struct Behind<'a> {
    pub(super) rules: &'a Rules,
    /// Programmes of which a reading is another by rules alone.
    pub(super) judged_otherwise: BTreeSet<ProgrammeId>,
    pub(super) before: &'a [Contributions<Cell>],
    pub(super) by_facts: &'a [Contributions<Cell>],
    pub(super) after: &'a [Contributions<Cell>],
}

impl Behind<'_> {
    pub(super) fn person(
        &self,
        one: &Replayed<'_>,
        other: &Replayed<'_>,
        readings: Vec<ReadingChange>,
    ) -> PersonDifference {
        let differ = |to: &[Contributions<Cell>], from: &[Contributions<Cell>]| {
            to.iter().zip(from).map(|(to, from)| to.difference(from)).collect::<Vec<_>>()
        };
        let by_rules = differ(self.after, self.by_facts);
        let (rules, tables) = self.rules(one, other, &by_rules);
        let reference = other.reference().or_else(|| one.reference());
        PersonDifference {
            participant: other.journey.participant,
            reference: reference.map(ToString::to_string),
            facts: facts(one, other),
            rules,
            tables,
            day: one.lens.view.as_of != other.lens.view.as_of,
            readings,
            by_facts: differ(self.by_facts, self.before),
            by_rules,
        }
    }
}

impl Behind<'_> {
    /// Returns the programmes whose rules are among the causes, and whether tables are: those of
    /// which a reading, or a row that names a programme, is another by rules alone; where no row
    /// does, the person's own, or all, since a model may read everybody by every programme.
    fn rules(
        &self,
        one: &Replayed<'_>,
        other: &Replayed<'_>,
        by_rules: &[Contributions<Cell>],
    ) -> (Vec<ProgrammeId>, bool) {
        let is_edited = |programme: &&ProgrammeId| self.rules.programmes.contains(*programme);
        let is_named = |programme: &ProgrammeId| self.rules.tables_of(programme);
        let mut among: BTreeSet<ProgrammeId> = self.judged_otherwise.clone();
        among.extend(self.counted_otherwise(by_rules));
        if among.is_empty() && by_rules.iter().all(Contributions::is_empty) {
            return (Vec::new(), false);
        }
        if !among.iter().any(|each| is_edited(&each) || is_named(each)) {
            let participations = one.journey.participations.iter();
            let participations = participations.chain(&other.journey.participations);
            among = participations.map(|each| each.programme.clone()).collect();
        }
        if !among.iter().any(|each| is_edited(&each) || is_named(each)) {
            let all = self.rules.programmes.iter().cloned().collect();
            return (all, self.rules.tables_differ());
        }
        let rules = among.iter().filter(is_edited).cloned().collect();
        (rules, among.iter().any(is_named))
    }

    /// Returns the programmes that rows name which count otherwise by rules alone.
    fn counted_otherwise(&self, by_rules: &[Contributions<Cell>]) -> BTreeSet<ProgrammeId> {
        let named = by_rules.iter().zip(&self.rules.columns).flat_map(|(part, tables)| {
            part.iter().filter_map(|(cell, _)| tables.get(cell.table)?.named(&cell.row))
        });
        named.collect()
    }
}

/// Where the rows of a table name a programme.
#[derive(Clone, Copy)]
pub(super) enum Naming {
    /// In this column.
    Programme(usize),
    /// In this column, before a stroke and a rule.
    Definition(usize),
    Nowhere,
}

impl Naming {
    pub(super) fn of(table: &Table) -> Self {
        let place = |name| table.columns.iter().position(|column| column.name == name);
        match (place("programme"), place("definition")) {
            (Some(at), _) => Self::Programme(at),
            (None, Some(at)) => Self::Definition(at),
            (None, None) => Self::Nowhere,
        }
    }

    fn named(self, row: &[Value]) -> Option<ProgrammeId> {
        let text = |at: usize| match row.get(at) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        match self {
            Self::Programme(at) => text(at).map(ProgrammeId::from),
            Self::Definition(at) => Some(ProgrammeId::from(text(at)?.split('/').next()?)),
            Self::Nowhere => None,
        }
    }
}

/// Returns the programmes of which one of the two reads otherwise.
pub(super) fn judged_otherwise(one: &Replayed<'_>, other: &Replayed<'_>) -> BTreeSet<ProgrammeId> {
    let readings = differing(one, other).into_iter();
    readings
        .flat_map(|(before, after)| before.into_iter().chain(after))
        .map(|reading| reading.programme.clone())
        .collect()
}

/// Returns the readings that differ, each with why.
pub(super) fn readings(one: &Replayed<'_>, other: &Replayed<'_>) -> Vec<ReadingChange> {
    let differing = differing(one, other).into_iter();
    let mut changes: Vec<ReadingChange> = differing
        .filter_map(|(before, after)| Some(change(one, other, before, after, after.or(before)?)))
        .collect();
    changes.sort_by(|a, b| {
        let key = |each: &ReadingChange| {
            (each.reference.clone(), each.rule.clone(), each.tier.clone(), each.participation)
        };
        key(a).cmp(&key(b))
    });
    changes
}

/// Returns how many readings differ, without saying why.
pub(crate) fn readings_differ(one: &Replayed<'_>, other: &Replayed<'_>) -> u64 {
    differing(one, other).len() as u64
}

type Pair<'r> = (Option<&'r RuleReading>, Option<&'r RuleReading>);

/// Returns the readings that differ: in the answer, the day, the last day to come or the first
/// missing day. Another because or another version alone is no difference.
fn differing<'r>(one: &'r Replayed<'_>, other: &'r Replayed<'_>) -> Vec<Pair<'r>> {
    let mut pairs: BTreeMap<_, Pair<'r>> = BTreeMap::new();
    let subject = |each: &'r RuleReading| (each.participation, &each.rule, each.tier.as_ref());
    for each in &one.readings {
        pairs.entry(subject(each)).or_default().0 = Some(each);
    }
    for each in &other.readings {
        pairs.entry(subject(each)).or_default().1 = Some(each);
    }
    let differ = |(before, after): &Pair<'_>| before.map(comparable) != after.map(comparable);
    pairs.into_values().filter(differ).collect()
}

fn comparable(reading: &RuleReading) -> (&'static str, Option<NaiveDate>) {
    let day = match &reading.reading {
        Reading::Met(met) => Some(met.on),
        Reading::NotMet => None,
        Reading::NotYet { until } => *until,
        Reading::Unknown { missing, .. } => Some(*missing),
    };
    (reading.reading.answer().as_str(), day)
}

fn change(
    one: &Replayed<'_>,
    other: &Replayed<'_>,
    before: Option<&RuleReading>,
    after: Option<&RuleReading>,
    either: &RuleReading,
) -> ReadingChange {
    let account = |replayed: &Replayed<'_>, reading: Option<&RuleReading>| {
        reading.and_then(|reading| replayed.account(reading))
    };
    let (was, is) = (account(one, before), account(other, after));
    let met = |replayed: &Replayed<'_>, reading: Option<&RuleReading>| match reading
        .map(|each| &each.reading)
    {
        Some(Reading::Met(met)) => {
            Some(met.because.iter().map(|event| replayed.label(*event)).collect::<Vec<_>>())
        }
        _ => None,
    };
    let is_met = |reading: Option<&RuleReading>| {
        matches!(reading.map(|each| &each.reading), Some(Reading::Met(_)))
    };
    let reason = match (before, after) {
        (None, _) => format!("not read before: {}", missing(one, either)),
        (_, None) => format!("not read after: {}", missing(other, either)),
        (Some(_), Some(_)) => match (&was, &is) {
            (Some(was), _) if !is_met(before) => was.reason(),
            (_, Some(is)) => is.reason(),
            (Some(was), None) => was.reason(),
            (None, None) => String::new(),
        },
    };
    let participations = other.journey.participations.iter().chain(&one.journey.participations);
    let reference = participations
        .filter(|each| each.id == either.participation)
        .map(|each| each.reference.to_string())
        .next();
    ReadingChange {
        participation: either.participation,
        reference: reference.unwrap_or_else(|| either.participation.to_string()),
        programme: either.programme.clone(),
        rule: either.rule.clone(),
        tier: either.tier.clone(),
        before: before.cloned(),
        after: after.cloned(),
        reason,
        says: [was.map(|was| was.says()), is.map(|is| is.says())],
        because: met(other, after).or_else(|| met(one, before)).unwrap_or_default(),
        assumed: after.is_some_and(|reading| match reading.reading {
            Reading::Met(_) => !other.rests_on(reading).is_empty(),
            // it names no events: any fact of theirs may have been in the way
            Reading::NotMet | Reading::NotYet { .. } | Reading::Unknown { .. } => {
                other.holds_assumed()
            }
        }),
    }
}

/// Returns why a side does not read a rule.
fn missing(side: &Replayed<'_>, either: &RuleReading) -> &'static str {
    let mut participations = side.journey.participations.iter();
    let Some(of) = participations.find(|each| each.id == either.participation) else {
        return "there is no such participation";
    };
    if of.programme != either.programme {
        return "the participation is in another programme";
    }
    let Some(programme) = side.lens.programmes().get(&either.programme) else {
        return "there is no such programme";
    };
    match programme.rule(&either.rule) {
        None => "there is no such rule",
        Some(rule) if !rule.tiers().contains(&either.tier) => "there is no such tier",
        Some(_) => "the rule is for other client groups",
    }
}

//! What assessments score, and how far somebody came between the first and the latest.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Case;
use crate::id::AssessmentId;
use crate::journey::Fact;
use crate::journey::diagnostic::{AssessmentAnswered, AssessmentStage, Diagnostic};
use crate::programme::{Instrument, Scoring};

/// One assessment, scored by the version of its instrument that it says it was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreReading {
    /// The assessment, as its source calls it.
    pub assessment: String,
    /// The instrument.
    pub instrument: String,
    /// Its version.
    pub version: String,
    /// At which point of the participation.
    pub stage: AssessmentStage,
    /// The day of the last answer.
    pub on: NaiveDate,
    /// Questions that were answered; of an instrument that the programme knows, its own only.
    pub answered: u32,
    /// Questions that the instrument has; none where the programme does not know it.
    pub asked: Option<u32>,
    /// The sum of the answers; none where a question is open, an answer is no number in its range,
    /// or the programme does not score this version.
    pub score: Option<u32>,
    /// Whether the score is severe, where the version says which scores are.
    pub severe: Option<bool>,
}

/// How far somebody came by one instrument and version, from the first assessment to the latest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Travelled {
    /// The instrument.
    pub instrument: String,
    /// Its version.
    pub version: String,
    /// The first score.
    pub first: u32,
    /// The latest score.
    pub latest: u32,
    /// Points to the better; less than nothing to the worse.
    pub better_by: i64,
    /// Whether the change is large enough to mean something, where the version says how large that
    /// is.
    pub means_something: Option<bool>,
}

/// The answers to one assessment: the latest of each question.
struct Answers<'a> {
    of: &'a AssessmentAnswered,
    on: NaiveDate,
    by_code: BTreeMap<&'a str, Option<&'a str>>,
}

impl Case<'_> {
    /// Scores every assessment of the participation, by day and name.
    pub fn scores(&self) -> Vec<ScoreReading> {
        let mut assessments: BTreeMap<AssessmentId, Answers<'_>> = BTreeMap::new();
        for (_, on, fact) in self.facts() {
            let Fact::Diagnostic(Diagnostic::AssessmentAnswered(answer)) = fact else { continue };
            let answers = assessments.entry(answer.assessment.id).or_insert_with(|| Answers {
                of: answer,
                on,
                by_code: BTreeMap::new(),
            });
            answers.on = answers.on.max(on);
            answers.by_code.insert(&answer.code, answer.answer.as_deref());
        }
        let mut scores: Vec<_> = assessments.values().map(|answers| self.scored(answers)).collect();
        scores.sort_by(|a, b| (a.on, &a.assessment).cmp(&(b.on, &b.assessment)));
        scores
    }

    fn scored(&self, answers: &Answers<'_>) -> ScoreReading {
        let of = answers.of;
        let instruments = &self.programme.provision.instruments;
        let instrument = instruments.iter().find(|each| each.id == of.instrument);
        let scoring = instrument.and_then(|each| scoring_of(each, &of.instrument_version));
        let score = instrument.filter(|_| scoring.is_some()).and_then(|each| sum(each, answers));
        let severe_from = scoring.and_then(|scoring| scoring.severe_from);
        let severe = score.zip(severe_from).zip(scoring).map(|((score, from), scoring)| {
            if scoring.lower_is_better { from <= score } else { score <= from }
        });
        let is_asked = |code: &str| instrument.is_none_or(|each| each.question(code).is_some());
        let given =
            answers.by_code.iter().filter(|(code, answer)| answer.is_some() && is_asked(code));
        let answered = given.count();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        ScoreReading {
            assessment: of.assessment.reference.to_string(),
            instrument: of.instrument.clone(),
            version: of.instrument_version.clone(),
            stage: of.stage,
            on: answers.on,
            answered: count(answered),
            asked: instrument.map(|each| count(each.count())),
            score,
            severe,
        }
    }

    /// Returns how far the participant came by each instrument and version that was scored twice.
    pub fn travelled(&self) -> Vec<Travelled> {
        let mut by_instrument: BTreeMap<(String, String), Vec<u32>> = BTreeMap::new();
        for reading in self.scores() {
            if let Some(score) = reading.score {
                let key = (reading.instrument, reading.version);
                by_instrument.entry(key).or_default().push(score);
            }
        }
        let travelled = by_instrument.into_iter().filter_map(|((instrument, version), scores)| {
            let [first, .., latest] = *scores.as_slice() else { return None };
            let instruments = &self.programme.provision.instruments;
            let known = instruments.iter().find(|each| each.id == instrument)?;
            let scoring = scoring_of(known, &version)?;
            let change = i64::from(latest) - i64::from(first);
            let better_by = if scoring.lower_is_better { -change } else { change };
            let means_something = scoring.change.map(|least| i64::from(least) <= better_by.abs());
            Some(Travelled { instrument, version, first, latest, better_by, means_something })
        });
        travelled.collect()
    }
}

fn scoring_of<'i>(instrument: &'i Instrument, version: &str) -> Option<&'i Scoring> {
    instrument.scorings.iter().find(|scoring| scoring.version == version)
}

/// Adds up the answers to every question that has numbers for answers; none where no question has.
fn sum(instrument: &Instrument, answers: &Answers<'_>) -> Option<u32> {
    let mut sum: Option<u32> = None;
    for questions in &instrument.questions {
        let (Some(least), Some(most)) = (questions.least, questions.most) else { continue };
        for code in &questions.codes {
            let answer: u32 = answers.by_code.get(code.as_str())?.as_ref()?.parse().ok()?;
            if !(least..=most).contains(&answer) {
                return None;
            }
            sum = Some(sum.unwrap_or(0).checked_add(answer)?);
        }
    }
    sum
}

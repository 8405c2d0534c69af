//! A difference the way people ask for it: figure by figure with who changed it, and reason by
//! reason with how many readings changed for it.

use std::collections::BTreeMap;

use waystage_core::id::ProgrammeId;
use waystage_core::rules::{Answer, RuleReading};
use waystage_core::table::{Cell, Table, Value};

use super::{Difference, ModelDifference, PersonDifference, ReadingChange};

/// What one participant changed of a figure.
#[derive(Debug, Clone, Copy)]
pub struct Share<'d> {
    /// The participant.
    pub person: &'d PersonDifference,
    /// What is due to facts and days.
    pub by_facts: i64,
    /// What is due to rules.
    pub by_rules: i64,
}

/// A figure that is another on the second side.
#[derive(Debug, Clone)]
pub struct FigureChange<'d> {
    /// Its model.
    pub model: &'d ModelDifference,
    /// Its cell.
    pub cell: &'d Cell,
    /// The first side's; none where only some participants were compared.
    pub before: Option<i64>,
    /// What the second side has more.
    pub change: i64,
    /// Who changed it, in order of their ids; together they are the change.
    pub shares: Vec<Share<'d>>,
}

impl<'d> FigureChange<'d> {
    /// Returns its table.
    pub fn table(&self) -> Option<&'d Table> {
        self.model.tables.get(self.cell.table)
    }

    /// Returns the name of its measure, or nothing where its table has no such measure.
    pub fn measure(&self) -> &'d str {
        let measure = self.table().and_then(|table| table.measures.get(self.cell.measure));
        measure.map_or("", |measure| measure.name)
    }

    /// Returns its row: each column with its value.
    pub fn row(&self) -> impl Iterator<Item = (&'d str, &'d Value)> {
        let columns = self.table().map_or(&[][..], |table| &table.columns);
        columns.iter().map(|column| column.name).zip(&self.cell.row)
    }
}

/// Why readings changed, without people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReasonChange {
    /// The programme.
    pub programme: ProgrammeId,
    /// The rule, with its tier.
    pub rule: String,
    /// The answer on the first side; none where it is not read there.
    pub before: Option<Answer>,
    /// The answer on the second side; none where it is not read there.
    pub after: Option<Answer>,
    /// Why the first side does not read the same.
    pub reason: String,
}

impl Difference {
    /// Returns every figure that changed, in the order of models and cells, with who changed it.
    pub fn figures(&self) -> Vec<FigureChange<'_>> {
        let mut figures = Vec::new();
        for (index, model) in self.models.iter().enumerate() {
            let mut shares: BTreeMap<&Cell, Vec<Share<'_>>> = BTreeMap::new();
            for person in &self.people {
                let (Some(facts), Some(rules)) =
                    (person.by_facts.get(index), person.by_rules.get(index))
                else {
                    continue;
                };
                let cells = facts.iter().chain(rules.iter());
                let cells: std::collections::BTreeSet<&Cell> =
                    cells.map(|(cell, _)| cell).collect();
                for cell in cells {
                    let (by_facts, by_rules) = (facts.get(cell), rules.get(cell));
                    shares.entry(cell).or_default().push(Share { person, by_facts, by_rules });
                }
            }
            figures.extend(model.change.iter().map(|(cell, change)| FigureChange {
                model,
                cell,
                before: model.before.as_ref().map(|before| before.get(cell)),
                change,
                shares: shares.remove(cell).unwrap_or_default(),
            }));
        }
        figures
    }

    /// Returns the readings that changed, by why they did, with whom they are of.
    pub fn reasons(&self) -> BTreeMap<ReasonChange, Vec<(&PersonDifference, &ReadingChange)>> {
        let mut reasons: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for person in &self.people {
            for change in &person.readings {
                reasons.entry(change.why()).or_default().push((person, change));
            }
        }
        reasons
    }
}

impl ReadingChange {
    /// Returns the name of the rule, with its tier.
    pub fn name(&self) -> String {
        match &self.tier {
            Some(tier) => format!("{}/{tier}", self.rule),
            None => self.rule.to_string(),
        }
    }

    /// Returns why it changed, so that many can be grouped.
    pub fn why(&self) -> ReasonChange {
        let answer = |reading: &Option<RuleReading>| {
            reading.as_ref().map(|reading| reading.reading.answer())
        };
        ReasonChange {
            programme: self.programme.clone(),
            rule: self.name(),
            before: answer(&self.before),
            after: answer(&self.after),
            reason: self.reason.clone(),
        }
    }
}

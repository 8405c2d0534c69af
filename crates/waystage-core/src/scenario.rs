//! Named changes to the facts, imagined while reading and never stored. Withdrawing a fact on the
//! record and imagining the journey without it are the same function.

use std::collections::BTreeSet;

use crate::id::EventId;
use crate::journey::{Kind, Recorded};

/// Picks facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// These events.
    Events(BTreeSet<EventId>),
    /// Every event of a kind.
    Kind(Kind),
}

impl Selector {
    /// Returns whether it picks this event.
    pub fn selects(&self, recorded: &Recorded) -> bool {
        match self {
            Self::Events(ids) => ids.contains(&recorded.id),
            Self::Kind(kind) => recorded.record.kind() == *kind,
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Imagines the journey without the facts that are picked.
    Without(Selector),
}

/// Named changes, applied in order. The empty scenario changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scenario {
    /// What people call it.
    pub name: String,
    /// The changes.
    pub changes: Vec<Change>,
}

impl Scenario {
    /// Returns the scenario that changes nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Returns the scenario without the facts that are picked.
    pub fn without(name: &str, selector: Selector) -> Self {
        Self { name: name.to_owned(), changes: vec![Change::Without(selector)] }
    }

    /// Returns whether the scenario imagines the journey without this event.
    pub fn removes(&self, recorded: &Recorded) -> bool {
        self.changes.iter().any(|Change::Without(selector)| selector.selects(recorded))
    }
}

//! What a log adopted and decided, in log order: packs, tables, and events that are left out. A
//! view reads with what stood in the log by its end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Geography, Programme, Programmes, RateTable};
use crate::calendar::BankHolidays;
use crate::id::{ParticipantId, Position};
use crate::time::Timestamp;
use crate::view::{Basis, View};

/// Something adopted into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adopted {
    /// A programme, from a pack.
    Programme(Programme),
    /// Tables: rates, calendars, geographies, or any of them together.
    Tables {
        /// Rate tables.
        rates: Vec<RateTable>,
        /// Calendars.
        calendars: Vec<BankHolidays>,
        /// Lists of area codes.
        geographies: Vec<Geography>,
    },
}

/// One adoption: where it stands in the log and when the store witnessed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Place in the log.
    pub position: Position,
    /// When the store witnessed it.
    pub recorded_at: Timestamp,
    /// SHA-256 of the adopted text, in hexadecimal.
    pub digest: String,
    /// What was adopted.
    pub adopted: Adopted,
}

/// What somebody decided about an event that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skip {
    /// Where in the log it was decided.
    pub decided: Position,
    /// When the store witnessed that.
    pub recorded_at: Timestamp,
    /// Whose event.
    pub participant: ParticipantId,
    /// The event that is left out from there on; none where from there on none is.
    pub event: Option<Position>,
}

/// Everything that a log ever adopted, in log order. A later pack or table replaces the earlier
/// one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adoptions {
    adoptions: Vec<Adoption>,
    skips: Vec<Skip>,
}

impl Adoptions {
    /// Takes adoptions in log order.
    pub fn new(mut adoptions: Vec<Adoption>) -> Self {
        adoptions.sort_by_key(|adoption| adoption.position);
        Self { adoptions, skips: Vec::new() }
    }

    /// Returns the same with what was decided about events that cannot be read, in log order.
    #[must_use]
    pub fn skipping(mut self, mut skips: Vec<Skip>) -> Self {
        skips.sort_by_key(|skip| skip.decided);
        self.skips = skips;
        self
    }

    /// Returns the positions of a participant's events that a view leaves out, because somebody
    /// decided so before its end.
    pub fn skipped(&self, view: &View, participant: ParticipantId) -> BTreeSet<Position> {
        let mut skipped = BTreeSet::new();
        for skip in self.skips.iter().filter(|skip| skip.participant == participant) {
            let is_known = view.reaches(skip.decided)
                && match view.basis {
                    Basis::Recorded => skip.recorded_at <= view.known_at,
                    Basis::Reported => true,
                };
            match skip.event {
                _ if !is_known => {}
                Some(position) => {
                    skipped.insert(position);
                }
                None => skipped.clear(),
            }
        }
        skipped
    }

    /// Returns whose events somebody decided about after one position and up to another.
    pub fn decided(
        &self,
        after: Option<Position>,
        through: Option<Position>,
    ) -> BTreeSet<ParticipantId> {
        let between = |skip: &&Skip| after < Some(skip.decided) && Some(skip.decided) <= through;
        self.skips.iter().filter(between).map(|skip| skip.participant).collect()
    }

    /// Returns the positions at which something was adopted or decided, in log order.
    pub fn positions(&self) -> BTreeSet<Position> {
        let adopted = self.adoptions.iter().map(|adoption| adoption.position);
        adopted.chain(self.skips.iter().map(|skip| skip.decided)).collect()
    }

    /// Returns the adoptions that a view reads with: on the basis `recorded` those witnessed by
    /// `known_at`, on the basis `reported` all, and on both those up to `through`.
    pub fn known(&self, view: &View) -> impl Iterator<Item = &Adoption> {
        self.adoptions.iter().filter(move |adoption| {
            view.reaches(adoption.position)
                && match view.basis {
                    Basis::Recorded => adoption.recorded_at <= view.known_at,
                    Basis::Reported => true,
                }
        })
    }

    /// Returns the names of the packs and tables that a view reads with, each with the digest of
    /// the text that it was last adopted in.
    pub fn digests(&self, view: &View) -> BTreeMap<String, String> {
        let mut digests = BTreeMap::new();
        for adoption in self.known(view) {
            let mut adopted = |name: String| digests.insert(name, adoption.digest.clone());
            match &adoption.adopted {
                Adopted::Programme(programme) => {
                    adopted(format!("pack {}", programme.id));
                }
                Adopted::Tables { rates, calendars, geographies } => {
                    for each in geographies {
                        adopted(format!("geography {}", each.id));
                    }
                    for table in rates {
                        adopted(format!("rates {}", table.id));
                    }
                    for calendar in calendars {
                        adopted(format!("calendar {}", calendar.id));
                    }
                }
            }
        }
        digests
    }

    /// Returns the programmes and tables that a view reads with.
    pub fn in_force(&self, view: &View) -> Programmes {
        let mut programmes = Programmes::default();
        for adoption in self.known(view) {
            match &adoption.adopted {
                Adopted::Programme(programme) => {
                    programmes.programmes.insert(programme.id.clone(), programme.clone());
                }
                Adopted::Tables { rates, calendars, geographies } => {
                    let lists = geographies.iter().map(|each| (each.id.clone(), each.clone()));
                    programmes.geographies.extend(lists);
                    let rates = rates.iter().map(|table| (table.id.clone(), table.clone()));
                    programmes.rates.extend(rates);
                    let calendars = calendars.iter().map(|each| (each.id.clone(), each.clone()));
                    programmes.calendars.extend(calendars);
                }
            }
        }
        programmes
    }
}

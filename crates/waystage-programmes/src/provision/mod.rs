//! What a pack says beside standards, rules and fees: one file a section.

mod accelerator;
pub(crate) mod claim;
mod delivery;
mod gate;
mod group;
mod instrument;
mod intervention;
mod limit;
mod retention;
mod severe;
mod target;

use waystage_core::programme::{Ground, Provision};

use crate::entry::Entry;
use crate::kind::Text;
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// The sections, as they stand at the top of a pack.
pub(crate) const SECTIONS: [&str; 11] = [
    "group",
    "gate",
    "limit",
    "instrument",
    "severe",
    "intervention",
    "claim",
    "delivery_fee",
    "accelerator",
    "target",
    "retention",
];

/// What sections may name of the rest of the pack.
pub(crate) struct Named<'a> {
    /// The rules.
    pub(crate) rules: &'a [Entry<'a>],
    /// The codes of the client groups; none where they cannot be read.
    pub(crate) groups: Option<&'a [String]>,
}

/// Reads every section.
pub(crate) fn provision(
    file: &Entry<'_>,
    named: &Named<'_>,
    notes: &mut Notes<'_>,
) -> Result<Provision, Noted> {
    let groups = group::groups(file, named, notes);
    let gates = gate::gates(file, notes);
    let limits = limit::limits(file, notes);
    let instruments = instrument::instruments(file, notes);
    let severe = severe::severe(file, notes);
    let interventions = intervention::interventions(file, notes);
    let claims = claim::claims(file, named, notes);
    let deliveries = delivery::deliveries(file, notes);
    let accelerators = accelerator::accelerators(file, named, notes);
    let targets = target::targets(file, named, notes);
    let retentions = retention::retentions(file, notes);
    Ok(Provision {
        groups: groups?,
        gates: gates?,
        limits: limits?,
        instruments: instruments?,
        severe: severe?,
        interventions: interventions?,
        claims: claims?,
        deliveries: deliveries?,
        accelerators: accelerators?,
        targets: targets?,
        retentions: retentions?,
    })
}

/// Reads where something is written, and what was assumed where nothing is.
pub(crate) fn ground(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Ground, Noted> {
    let reference = entry.optional(notes, "reference", Text);
    let assumption = entry.optional(notes, "assumption", Text);
    Ok(Ground { reference: reference?, assumption: assumption? })
}

/// Notes a name that the pack does not have.
fn named_in_the_pack<'n>(
    entry: &Entry<'_>,
    notes: &mut Notes<'_>,
    (key, what): (&'static str, &'static str),
    known: impl IntoIterator<Item = &'n str>,
) {
    let Some(given) = entry.glance(key) else { return };
    let known: Vec<&str> = known.into_iter().collect();
    if !known.contains(&given) {
        let instead = Instead::of(given, known);
        let problem = Problem::NotInThePack { what, id: given.to_owned(), instead };
        notes.refuse(entry.at_value(key), problem);
    }
}

impl<'a> Named<'a> {
    fn rule_ids(&self) -> impl Iterator<Item = &'a str> {
        self.rules.iter().filter_map(|rule| rule.glance("id"))
    }

    /// Notes a group that the pack does not have, where its groups can be read.
    fn knows_group(&self, entry: &Entry<'_>, key: &'static str, notes: &mut Notes<'_>) {
        if let Some(groups) = self.groups {
            named_in_the_pack(entry, notes, (key, "group"), groups.iter().map(String::as_str));
        }
    }
}

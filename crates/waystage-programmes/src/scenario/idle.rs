//! What an edit says of a day, a tier or a condition that it could not heed: a day where nothing
//! that it changes has versions, a tier of what all tiers have, a condition on what is not there
//! yet.

use super::item::Does;
use super::sections::Section;
use crate::entry::Entry;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

const FROM: &str = "from";
const TIER: &str = "tier";
const WHERE: &str = "where";

/// Notes every key of an edit that has no effect on what the edit does.
pub(super) fn idle(
    entry: &Entry<'_>,
    section: &Section,
    does: &Does<'_>,
    notes: &mut Notes<'_>,
) -> Result<(), Noted> {
    let mut wrong = None;
    for key in [FROM, TIER, WHERE].into_iter().filter(|key| entry.has(key)) {
        if let Some((beside, write)) = beside(key, section, does) {
            let problem = Problem::IdleBeside { key, beside, write };
            wrong = Some(notes.refuse(entry.at_key(key), problem));
        }
    }
    wrong.map_or(Ok(()), Err)
}

/// Returns beside what a key has no effect, and what to write instead; none where it has one.
fn beside(key: &str, section: &Section, does: &Does<'_>) -> Option<(String, String)> {
    let what = section.what;
    let within = section.has_tiers_within();
    let (beside, write) = match (key, does) {
        (WHERE, Does::Add(_)) => ("add", "remove it".to_owned()),
        (FROM, Does::Off) => {
            ("off", format!("remove it, as a {what} that is off is off on every day"))
        }
        (FROM, Does::Replace(_)) => ("replace", in_versions("replace")),
        (FROM, Does::Add(_)) => ("add", in_versions("add")),
        (TIER, Does::Replace(_)) if within => ("replace", in_tiers("replace")),
        (TIER, Does::Add(_)) if within => ("add", in_tiers("add")),
        (FROM, Does::Set { .. }) => {
            let own = does.keys().find(|key| section.owns(key))?;
            (own, format!("write {own:?} in an edit without it, as that holds on every day"))
        }
        (TIER, Does::Set { .. }) if within => {
            let own = does.keys().find(|key| section.owns(key))?;
            (own, format!("write {own:?} in an edit without it, as that is of every tier"))
        }
        _ => return None,
    };
    Some((beside.to_owned(), write))
}

fn in_versions(does: &str) -> String {
    format!("write the day as effective_from of a version in {does:?}")
}

fn in_tiers(does: &str) -> String {
    format!("remove it, and write every tier in {does:?}")
}

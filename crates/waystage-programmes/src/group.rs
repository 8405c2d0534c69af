//! The client groups that a rule is read for: some of those that the programme names.

use crate::entry::{Entry, Field};
use crate::kind::{Kind, Text};
use crate::list::List;
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

const GROUPS: &str = "groups";

/// A group that the programme names; any text where the programme's groups could not be read.
#[derive(Clone, Copy)]
struct Group<'p>(Option<&'p [String]>);

impl Kind for Group<'_> {
    type Read = String;

    fn example(&self, key: &str) -> String {
        Text.example(key)
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<String, Noted> {
        let given = Text.read(field, notes)?;
        match self.0 {
            Some(known) if !known.contains(&given) => {
                let instead = Instead::of(&given, known.iter().map(String::as_str));
                Err(notes.refuse(field.at(), Problem::UnknownGroup { given, instead }))
            }
            _ => Ok(given),
        }
    }
}

/// Reads the groups of a rule; none where it is read for everybody.
pub(crate) fn groups(
    rule: &Entry<'_>,
    known: Option<&[String]>,
    notes: &mut Notes<'_>,
) -> Result<Vec<String>, Noted> {
    let kind = List(Group(known));
    let groups = rule.optional(notes, GROUPS, kind)?;
    match groups {
        Some(groups) if groups.is_empty() => {
            let write = format!("{GROUPS} = {}, or remove it for everybody", kind.example(GROUPS));
            let problem = Problem::Empty { key: GROUPS, entry: rule.name, write };
            Err(notes.refuse(rule.at_value(GROUPS), problem))
        }
        groups => Ok(groups.unwrap_or_default()),
    }
}

//! Gates: questions about who may join. Each test has keys of its own.

use waystage_core::id::ProgrammeId;
use waystage_core::programme::{Gate, GateTest};

use super::ground;
use crate::entry::Entry;
use crate::kind::{Text, Whole};
use crate::list::List;
use crate::nearest::{Instead, listed};
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::versions::once;

const AGE: Whole<u32> = Whole::new(0, 120, 16);

/// The tests, each with the keys that belong to it.
const TESTS: [(&str, &[&str]); 9] = [
    ("referred_in_time", &[]),
    ("lives_in_area", &[]),
    ("group_is_open", &[]),
    ("age", &["least", "most"]),
    ("out_of_work", &[]),
    ("on_benefit", &["benefits"]),
    ("never_started", &["programmes"]),
    ("not_at_once_with", &["programmes"]),
    ("assessed_eligible", &[]),
];

/// Reads the gates.
pub(super) fn gates(file: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Vec<Gate>, Noted> {
    let entries = file.tables(notes, ("gate", "[[gate]]"))?;
    once(notes, "gate", &Entry::ids(&entries));
    let all: Vec<_> = entries.iter().map(|entry| gate(entry, notes)).collect();
    all.into_iter().collect()
}

fn gate(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Gate, Noted> {
    let keys = ["id", "test", "least", "most", "benefits", "programmes", "reference", "assumption"];
    entry.only(notes, &keys);
    let id = entry.required(notes, "id", Text);
    let test = entry.required(notes, "test", Text).and_then(|test| gate_test(entry, notes, &test));
    let ground = ground(entry, notes);
    Ok(Gate { id: id?, test: test?, ground: ground? })
}

fn gate_test(entry: &Entry<'_>, notes: &mut Notes<'_>, test: &str) -> Result<GateTest, Noted> {
    let Some((_, own)) = TESTS.iter().find(|(name, _)| *name == test) else {
        let names = TESTS.iter().map(|(name, _)| *name);
        let problem = Problem::UnknownWord {
            key: "test",
            entry: entry.name,
            given: test.to_owned(),
            instead: Instead::of(test, names),
        };
        return Err(notes.refuse(entry.at_value("test"), problem));
    };
    not_of_this_test(entry, notes, (test, own))?;
    let programmes = |read: Vec<String>| read.into_iter().map(ProgrammeId::from).collect();
    Ok(match test {
        "referred_in_time" => GateTest::ReferredInTime,
        "lives_in_area" => GateTest::LivesInArea,
        "group_is_open" => GateTest::GroupIsOpen,
        "age" => age(entry, notes)?,
        "out_of_work" => GateTest::OutOfWork,
        "on_benefit" => {
            GateTest::OnBenefit { benefits: entry.required(notes, "benefits", List(Text))? }
        }
        "never_started" => GateTest::NeverStarted {
            programmes: programmes(entry.required(notes, "programmes", List(Text))?),
        },
        "not_at_once_with" => GateTest::NotAtOnceWith {
            programmes: programmes(
                entry.optional(notes, "programmes", List(Text))?.unwrap_or_default(),
            ),
        },
        _ => GateTest::AssessedEligible,
    })
}

fn age(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<GateTest, Noted> {
    let least = entry.required(notes, "least", AGE);
    let most = entry.optional(notes, "most", AGE);
    match (least?, most?) {
        (least, Some(most)) if most < least => {
            let problem = Problem::MostBelowLeast { least, most };
            Err(notes.refuse(entry.at_value("most"), problem))
        }
        (least, most) => Ok(GateTest::Age { least, most }),
    }
}

/// Notes keys that belong to other tests.
fn not_of_this_test(
    entry: &Entry<'_>,
    notes: &mut Notes<'_>,
    (test, own): (&str, &[&str]),
) -> Result<(), Noted> {
    let mut wrong = None;
    for key in ["least", "most", "benefits", "programmes"] {
        if entry.has(key) && !own.contains(&key) {
            let owners: Vec<&str> = TESTS
                .iter()
                .filter(|(_, keys)| keys.contains(&key))
                .map(|(name, _)| *name)
                .collect();
            let problem =
                Problem::NotOfTest { key, test: test.to_owned(), owners: listed(&owners) };
            wrong = Some(notes.refuse(entry.at_key(key), problem));
        }
    }
    wrong.map_or(Ok(()), Err)
}

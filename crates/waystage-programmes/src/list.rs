//! A list of values of one kind, each named once.

use toml::de::DeValue;

use crate::entry::Field;
use crate::kind::Kind;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// A list whose items are all of one kind.
#[derive(Clone, Copy)]
pub(crate) struct List<K>(pub(crate) K);

impl<K: Kind<Read: Ord + Clone>> Kind for List<K> {
    type Read = Vec<K::Read>;

    fn example(&self, key: &str) -> String {
        format!("[{}]", self.0.example(key))
    }

    fn read(&self, field: Field<'_>, notes: &mut Notes<'_>) -> Result<Self::Read, Noted> {
        let DeValue::Array(items) = field.value.get_ref() else {
            return Err(field.wrong_type(notes, &self.example(field.key)));
        };
        let mut seen = std::collections::BTreeSet::new();
        let mut all = Vec::new();
        let mut wrong = None;
        for value in items {
            let item = Field { of_list: true, value, ..field };
            match self.0.read(item, notes) {
                Ok(read) if seen.insert(read.clone()) => all.push(read),
                Ok(_) => {
                    let problem = Problem::ListedTwice {
                        key: field.key,
                        given: notes.text(value.span()).to_owned(),
                    };
                    wrong = Some(notes.refuse(item.at(), problem));
                }
                Err(refusal) => wrong = Some(refusal),
            }
        }
        wrong.map_or(Ok(all), Err)
    }
}

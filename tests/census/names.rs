//! Wrong stores that change sources and references, alike when they are kept and when they are
//! looked for. "References are scoped to their source", and the key is the source and its
//! reference as they are, so no two of them may become one.

use waystage_core::journey::Sourced;
use waystage_store::{Append, Key, StoreError};

use crate::parts::{Log, Twist, Wrong, each, site};

/// Changes names on their way in.
struct Names(fn(&str) -> String);

impl Names {
    fn change(&self, sourced: &Sourced) -> Sourced {
        Sourced {
            source: (self.0)(sourced.source.as_str()).into(),
            reference: (self.0)(sourced.reference.as_str()).into(),
        }
    }
}

impl Twist for Names {
    fn key(&self, key: &Key) -> Key {
        match key {
            Key::Sourced(sourced) => Key::Sourced(self.change(sourced)),
            Key::Id(_) => key.clone(),
        }
    }

    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        Ok(each(append, |event| {
            event.sourced = event.sourced.as_ref().map(|sourced| self.change(sourced));
        }))
    }
}

/// Takes an event with a blank name for one without a source.
struct BlankIsNone;

impl Twist for BlankIsNone {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        Ok(each(append, |event| {
            event.sourced.take_if(|sourced| {
                sourced.source.as_str().is_empty() || sourced.reference.as_str().is_empty()
            });
        }))
    }
}

/// Cuts names that are too long instead of refusing them.
struct CutsWhatIsTooLong;

impl Twist for CutsWhatIsTooLong {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        let cut = |name: &str| name.chars().take(1024).collect::<String>();
        Ok(each(append, |event| {
            if let Some(sourced) = &mut event.sourced {
                sourced.reference = cut(sourced.reference.as_str()).into();
            }
        }))
    }
}

/// Refuses names that are longer than so many bytes.
struct RefusesFrom(usize);

impl Twist for RefusesFrom {
    fn sent(&self, _log: &Log, append: Append) -> Result<Append, StoreError> {
        let sourced =
            append.streams.iter().flat_map(|to| &to.events).filter_map(|e| e.sourced.as_ref());
        for sourced in sourced {
            let got = sourced.reference.as_str().len();
            if got >= self.0 {
                let which = waystage_store::Limit::NameBytes;
                return Err(StoreError::LimitExceeded { which, limit: self.0, got });
            }
        }
        Ok(append)
    }
}

/// Puts a letter and the accent after it together.
fn composed(name: &str) -> String {
    let mut out = name.to_owned();
    for (apart, one) in [
        ("a\u{301}", "á"),
        ("e\u{301}", "é"),
        ("i\u{301}", "í"),
        ("o\u{301}", "ó"),
        ("u\u{301}", "ú"),
        ("a\u{308}", "ä"),
        ("e\u{308}", "ë"),
        ("o\u{308}", "ö"),
        ("u\u{308}", "ü"),
        ("A\u{30a}", "Å"),
        ("a\u{30a}", "å"),
        ("n\u{303}", "ñ"),
        ("e\u{300}", "è"),
        ("c\u{327}", "ç"),
        ("E\u{301}", "É"),
        ("O\u{308}", "Ö"),
        ("U\u{308}", "Ü"),
        ("A\u{308}", "Ä"),
        ("\u{212b}", "Å"),
    ] {
        out = out.replace(apart, one);
    }
    out
}

/// Reads a text of digits as a number, as a column of numeric affinity does.
pub(crate) fn numeric(name: &str) -> String {
    name.parse::<i64>().map_or_else(|_| name.to_owned(), |number| number.to_string())
}

fn cut(name: &str, bytes: usize) -> String {
    name.char_indices()
        .take_while(|(at, each)| at + each.len_utf8() <= bytes)
        .map(|(_, c)| c)
        .collect()
}

fn or(name: String) -> String {
    if name.is_empty() { "?".to_owned() } else { name }
}

pub(crate) const WRONG: &[Wrong] = &[
    Wrong { does: "trims names", make: || site(|| Names(|name| or(name.trim().to_owned()))) },
    Wrong {
        does: "trims zero-width and byte-order marks from names",
        make: || site(|| Names(|name| or(name.trim_matches(['\u{feff}', '\u{200b}']).to_owned()))),
    },
    Wrong {
        does: "keeps names in lower case",
        make: || site(|| Names(|name| name.to_lowercase())),
    },
    Wrong {
        does: "puts accents and letters of names together (NFC)",
        make: || site(|| Names(composed)),
    },
    Wrong { does: "keeps names of digits as numbers: 007 is 7", make: || site(|| Names(numeric)) },
    Wrong {
        does: "ends a name at its first NUL",
        make: || site(|| Names(|name| or(name.chars().take_while(|c| *c != '\0').collect()))),
    },
    Wrong {
        does: "ends a name at its first character beyond the basic plane",
        make: || site(|| Names(|name| or(name.chars().take_while(|c| c.len_utf8() < 4).collect()))),
    },
    Wrong {
        does: "keeps a character beyond Latin 1 as a question mark",
        make: || {
            site(|| {
                Names(|name| {
                    name.chars().map(|c| if u32::from(c) < 256 { c } else { '?' }).collect()
                })
            })
        },
    },
    Wrong {
        does: "reads a backslash in a name as an escape",
        make: || site(|| Names(|name| or(name.replace('\\', "")))),
    },
    Wrong {
        does: "halves doubled quotes in names",
        make: || site(|| Names(|name| name.replace("''", "'"))),
    },
    Wrong {
        does: "reads a plus sign in a name as a space",
        make: || site(|| Names(|name| name.replace('+', " "))),
    },
    Wrong {
        does: "makes one line break of a carriage return and a line feed in names",
        make: || site(|| Names(|name| name.replace("\r\n", "\n"))),
    },
    Wrong { does: "cuts names to 255 bytes", make: || site(|| Names(|name| cut(name, 255))) },
    Wrong {
        does: "cuts names to 1,023 bytes, one under the limit",
        make: || site(|| Names(|name| cut(name, 1_023))),
    },
    Wrong {
        does: "takes an event with a blank name for one without a source (it is to be refused)",
        make: || site(|| BlankIsNone),
    },
    Wrong {
        does: "cuts a reference that is over the limit (it is to be refused)",
        make: || site(|| CutsWhatIsTooLong),
    },
    Wrong {
        does: "refuses a reference of 1,024 bytes, which is the limit",
        make: || site(|| RefusesFrom(1_024)),
    },
    Wrong { does: "refuses a reference of 256 bytes", make: || site(|| RefusesFrom(256)) },
];

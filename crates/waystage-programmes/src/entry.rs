//! One table of a file and its keys, each with the place where it stands. Everything that a file
//! says is read through here, so every mistake has a line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::kind::Kind;
use crate::nearest::Instead;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;

/// A table of the file.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'t> {
    /// How it is written, for messages: `[[rule.version]]`.
    pub(crate) name: &'static str,
    /// Where it begins.
    pub(crate) at: usize,
    table: &'t DeTable<'t>,
}

/// A key of a table and its value.
#[derive(Clone, Copy)]
pub(crate) struct Field<'t> {
    /// The key.
    pub(crate) key: &'static str,
    /// The table that it is in.
    pub(crate) entry: &'static str,
    /// Whether the value is one of a list.
    pub(crate) of_list: bool,
    /// The value.
    pub(crate) value: &'t Spanned<DeValue<'t>>,
}

impl Field<'_> {
    /// Returns where the value begins.
    pub(crate) fn at(&self) -> usize {
        self.value.span().start
    }

    /// Returns a line that would be right.
    pub(crate) fn write(&self, example: &str) -> String {
        if self.of_list {
            format!("{} = [{example}]", self.key)
        } else {
            format!("{} = {example}", self.key)
        }
    }

    /// Notes that the value has the wrong type.
    pub(crate) fn wrong_type(&self, notes: &mut Notes<'_>, example: &str) -> Noted {
        let problem = Problem::WrongType {
            key: self.key,
            entry: self.entry,
            found: found(self.value.get_ref()),
            write: self.write(example),
        };
        notes.refuse(self.at(), problem)
    }
}

pub(crate) fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(when) if when.date.is_none() => "a time of day",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl<'t> Entry<'t> {
    /// Takes a whole file.
    pub(crate) fn file(name: &'static str, table: &'t Spanned<DeTable<'t>>) -> Self {
        Self { name, at: 0, table: table.get_ref() }
    }

    /// Returns the table itself.
    pub(crate) const fn toml(&self) -> &'t DeTable<'t> {
        self.table
    }

    /// Returns whether a key is given, rightly or wrongly.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Returns where a key stands, or the table where it is not given.
    pub(crate) fn at_key(&self, key: &str) -> usize {
        let found = self.table.get_key_value(key);
        found.map_or(self.at, |(key, _)| key.span().start)
    }

    /// Returns where the value of a key stands, or the table where it is not given.
    pub(crate) fn at_value(&self, key: &str) -> usize {
        let value = self.table.get(key);
        value.map_or(self.at, |value| value.span().start)
    }

    /// Returns the keys that are given, each with its place.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&'t str, usize)> + use<'t> {
        self.table.keys().map(|key| (key.get_ref().as_ref(), key.span().start))
    }

    /// Returns the text of a key where it is one; says nothing where it is not.
    pub(crate) fn glance(&self, key: &str) -> Option<&'t str> {
        self.table.get(key)?.get_ref().as_str()
    }

    /// Returns the ids of tables that have one, each with its place.
    pub(crate) fn ids(entries: &[Entry<'t>]) -> Vec<(&'t str, usize)> {
        let ids = entries.iter();
        ids.filter_map(|entry| Some((entry.glance("id")?, entry.at_value("id")))).collect()
    }

    /// Returns the tables of a list where it is one; says nothing where it is not.
    pub(crate) fn glance_tables(&self, key: &str) -> Vec<Entry<'t>> {
        let items = self.table.get(key).and_then(|value| value.get_ref().as_array());
        let items = items.into_iter().flatten();
        let tables = items.filter_map(|value| {
            let table = value.get_ref().as_table()?;
            let at = value.span().start;
            Some(Entry { at, table, ..*self })
        });
        tables.collect()
    }

    /// Notes every key that is not one of these.
    pub(crate) fn only(&self, notes: &mut Notes<'_>, allowed: &[&'static str]) {
        self.only_but(notes, allowed, &[]);
    }

    /// Notes every key that is not one of these; others are left to the caller.
    pub(crate) fn only_but(
        &self,
        notes: &mut Notes<'_>,
        allowed: &[&'static str],
        others: &[&'static str],
    ) {
        for (key, at) in self.keys().filter(|(key, _)| !others.contains(key)) {
            if !allowed.contains(&key) {
                let problem = Problem::UnknownKey {
                    key: key.to_owned(),
                    entry: self.name,
                    instead: Instead::of(key, allowed.iter().copied()),
                };
                notes.refuse(at, problem);
            }
        }
    }

    fn field(&self, key: &'static str) -> Option<Field<'t>> {
        Some(Field { key, entry: self.name, of_list: false, value: self.table.get(key)? })
    }

    /// Reads a key that may be absent.
    pub(crate) fn optional<K: Kind>(
        &self,
        notes: &mut Notes<'_>,
        key: &'static str,
        kind: K,
    ) -> Result<Option<K::Read>, Noted> {
        match self.field(key) {
            Some(field) => kind.read(field, notes).map(Some),
            None => Ok(None),
        }
    }

    /// Reads a key that must be given.
    pub(crate) fn required<K: Kind>(
        &self,
        notes: &mut Notes<'_>,
        key: &'static str,
        kind: K,
    ) -> Result<K::Read, Noted> {
        if let Some(field) = self.field(key) {
            return kind.read(field, notes);
        }
        let (entry, write) = (self.name, format!("{key} = {}", kind.example(key)));
        Err(notes.refuse(self.at, Problem::MissingKey { key, entry, write }))
    }

    /// Reads a key that another key needs beside it.
    pub(crate) fn required_beside<K: Kind>(
        &self,
        notes: &mut Notes<'_>,
        (key, beside): (&'static str, &'static str),
        kind: K,
    ) -> Result<K::Read, Noted> {
        if self.has(key) {
            return self.required(notes, key, kind);
        }
        let problem = Problem::MissingBeside {
            key,
            beside,
            entry: self.name,
            write: format!("{key} = {}", kind.example(key)),
        };
        Err(notes.refuse(self.at_key(beside), problem))
    }

    /// Reads a key that is a table; `write` says how it is written.
    pub(crate) fn table(
        &self,
        notes: &mut Notes<'_>,
        (key, name): (&'static str, &'static str),
        write: &'static str,
    ) -> Result<Option<Entry<'t>>, Noted> {
        let Some(field) = self.field(key) else {
            return Ok(None);
        };
        match field.value.get_ref() {
            DeValue::Table(table) => Ok(Some(Entry { name, at: field.at(), table })),
            _ => Err(wrong_table(field, notes, write)),
        }
    }

    /// Reads a key that is a table with at least one key.
    pub(crate) fn some_table(
        &self,
        notes: &mut Notes<'_>,
        (key, name): (&'static str, &'static str),
        write: &'static str,
    ) -> Result<Option<Entry<'t>>, Noted> {
        let table = self.table(notes, (key, name), write)?;
        if let Some(empty) = table.filter(|table| table.toml().is_empty()) {
            let problem = Problem::Empty { key, entry: self.name, write: write.to_owned() };
            return Err(notes.refuse(empty.at, problem));
        }
        Ok(table)
    }

    /// Reads a key that is a list of tables; none where it is absent.
    pub(crate) fn tables(
        &self,
        notes: &mut Notes<'_>,
        (key, name): (&'static str, &'static str),
    ) -> Result<Vec<Entry<'t>>, Noted> {
        let Some(field) = self.field(key) else {
            return Ok(Vec::new());
        };
        let DeValue::Array(items) = field.value.get_ref() else {
            return Err(wrong_table(field, notes, name));
        };
        let mut entries = Vec::new();
        let mut wrong = None;
        for value in items {
            match value.get_ref() {
                DeValue::Table(table) => {
                    entries.push(Entry { name, at: value.span().start, table });
                }
                _ => wrong = Some(wrong_table(Field { value, ..field }, notes, name)),
            }
        }
        match wrong {
            Some(refusal) if entries.is_empty() => Err(refusal),
            _ => Ok(entries),
        }
    }

    /// Reads a key that is a list of tables with at least one.
    pub(crate) fn some_tables(
        &self,
        notes: &mut Notes<'_>,
        (key, name): (&'static str, &'static str),
    ) -> Result<Vec<Entry<'t>>, Noted> {
        let entries = self.tables(notes, (key, name))?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        let (entry, write) = (self.name, format!("{name} below it"));
        let at = self.at_key(key);
        let problem = if self.has(key) {
            Problem::Empty { key, entry, write }
        } else {
            Problem::MissingKey { key, entry, write }
        };
        Err(notes.refuse(at, problem))
    }
}

fn wrong_table(field: Field<'_>, notes: &mut Notes<'_>, write: &'static str) -> Noted {
    let problem = Problem::WrongType {
        key: field.key,
        entry: field.entry,
        found: found(field.value.get_ref()),
        write: write.to_owned(),
    };
    notes.refuse(field.at(), problem)
}

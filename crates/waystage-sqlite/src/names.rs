//! Names that a file numbers: kinds, actors, sources. They are few and never change, so each is
//! read once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rusqlite::{Connection, OptionalExtension};
use waystage_store::StoreError;

use crate::failure::failed;

/// One of the tables of names.
#[derive(Debug)]
pub(crate) struct Names {
    select: &'static str,
    find: &'static str,
    insert: &'static str,
    known: RwLock<BTreeMap<i64, Arc<str>>>,
    given: Mutex<BTreeMap<String, i64>>,
}

/// Numbers that the writer remembers of each table; actors may become many.
const GIVEN_MAX: usize = 10_000;

impl Names {
    pub(crate) const KINDS: fn() -> Self = || {
        Self::of(
            "SELECT name FROM kind WHERE number = ?1",
            "SELECT number FROM kind WHERE name = ?1",
            "INSERT INTO kind (name) VALUES (?1)",
        )
    };
    pub(crate) const ACTORS: fn() -> Self = || {
        Self::of(
            "SELECT name FROM actor WHERE number = ?1",
            "SELECT number FROM actor WHERE name = ?1",
            "INSERT INTO actor (name) VALUES (?1)",
        )
    };
    pub(crate) const SOURCES: fn() -> Self = || {
        Self::of(
            "SELECT name FROM source WHERE number = ?1",
            "SELECT number FROM source WHERE name = ?1",
            "INSERT INTO source (name) VALUES (?1)",
        )
    };

    fn of(select: &'static str, find: &'static str, insert: &'static str) -> Self {
        Self { select, find, insert, known: RwLock::default(), given: Mutex::default() }
    }

    /// Returns the name of a number.
    pub(crate) fn name(
        &self,
        connection: &Connection,
        number: i64,
    ) -> Result<Arc<str>, StoreError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known.get(&number) {
            return Ok(Arc::clone(name));
        }
        drop(known);
        let name: String = connection
            .prepare_cached(self.select)
            .and_then(|mut statement| statement.query_row([number], |row| row.get(0)))
            .map_err(failed)?;
        let name: Arc<str> = name.into();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(number, Arc::clone(&name));
        Ok(name)
    }

    /// Forgets what was read: a number that a transaction gave is given anew when it is undone.
    pub(crate) fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.given.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Returns the number of a name, given now if need be. Only the writer asks: a number that it
    /// gave holds once its transaction does.
    pub(crate) fn number(&self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = given.get(name) {
            return Ok(*number);
        }
        let found = connection
            .prepare_cached(self.find)
            .and_then(|mut statement| statement.query_row([name], |row| row.get(0)).optional())
            .map_err(failed)?;
        let number = match found {
            Some(number) => number,
            None => connection
                .prepare_cached(self.insert)
                .and_then(|mut statement| statement.insert([name]))
                .map_err(failed)?,
        };
        if given.len() >= GIVEN_MAX {
            given.clear();
        }
        given.insert(name.to_owned(), number);
        Ok(number)
    }
}

//! Kept models at one moment, as an application reads them.

use waystage_core::table::Table;
use waystage_replay::models::{KeptModel, ModelSet};
use waystage_store::Digest;
use waystage_store::models::{ModelError, Parked, Row, Slot, Snapshot, Stand};

use crate::error::EngineError;

/// Kept models at one moment. All that is read through it stands at one place of the log.
pub struct ModelsAt<'a> {
    snapshot: &'a dyn Snapshot,
    set: &'a ModelSet,
    stand: Stand,
    kept: Vec<(String, Digest)>,
}

impl<'a> ModelsAt<'a> {
    pub(crate) fn of(snapshot: &'a dyn Snapshot, set: &'a ModelSet) -> Result<Self, EngineError> {
        let Some(stand) = snapshot.stand(Slot::Live)? else {
            let model = set.models().first().map(|kept| kept.shape.name.clone());
            return Err(ModelError::NotKept { model: model.unwrap_or_default() }.into());
        };
        let kept = snapshot.fingerprints(Slot::Live)?;
        Ok(Self { snapshot, set, stand, kept })
    }

    /// Returns where the models stand.
    pub fn stand(&self) -> &Stand {
        &self.stand
    }

    /// Returns the rows of a table, in order of their columns.
    ///
    /// # Errors
    ///
    /// [`ModelError::Stale`] where the model behaves otherwise than the one that was kept, and
    /// [`ModelError::NotKept`] where it was left behind; [`EngineError::NoSuchTable`] where no
    /// model has such a table.
    pub fn rows(&self, table: &str) -> Result<Vec<Row>, EngineError> {
        let find = |kept: &'a KeptModel| {
            let found = kept.shape.tables.iter().find(|each| each.name == table);
            found.map(|found: &'a Table| (kept, found))
        };
        let Some((model, table)) = self.set.models().iter().find_map(find) else {
            let tables = self.set.models().iter().flat_map(|kept| &kept.shape.tables);
            let tables: Vec<&str> = tables.map(|table| table.name.as_str()).collect();
            let (table, tables) = (table.to_owned(), tables.join(", "));
            return Err(EngineError::NoSuchTable { table, tables });
        };
        self.answers(model)?;
        Ok(self.snapshot.rows(Slot::Live, table)?)
    }

    /// Returns who is parked in a model: its rows are without them.
    pub fn parked(&self, model: &str) -> Result<Vec<Parked>, EngineError> {
        self.answers(self.model(model)?)?;
        Ok(self.snapshot.parked(Slot::Live, model)?)
    }

    /// Returns the digest of all amounts of a model: equal in two copies that hold the same.
    pub fn digest(&self, model: &str) -> Result<Digest, EngineError> {
        let model = self.model(model)?;
        self.answers(model)?;
        let tables = &model.shape.tables;
        let cells = self.snapshot.cells(Slot::Live, tables)?;
        Ok(waystage_replay::cells_digest(tables, &cells))
    }

    fn model(&self, name: &str) -> Result<&'a KeptModel, EngineError> {
        let model = self.set.get(name);
        Ok(model.ok_or_else(|| ModelError::NotKept { model: name.to_owned() })?)
    }

    /// Refuses a model that was built by a definition that behaves otherwise.
    fn answers(&self, model: &KeptModel) -> Result<(), EngineError> {
        let name = model.shape.name.clone();
        match self.kept.iter().find(|(kept, _)| *kept == name) {
            Some((_, fingerprint)) if *fingerprint == model.shape.fingerprint => Ok(()),
            Some(_) => Err(ModelError::Stale { model: name }.into()),
            None => Err(ModelError::NotKept { model: name }.into()),
        }
    }
}

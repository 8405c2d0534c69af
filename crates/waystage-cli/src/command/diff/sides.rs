//! The sides of a comparison, opened: which log is read, and with what. A backup is read into a
//! store in a folder that is gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Value, json};
use tempfile::TempDir;
use waystage::core::id::Position;
use waystage::core::replayed::Lens;
use waystage::core::scenario::BaseView;
use waystage::core::time::Timestamp;
use waystage::core::view::{Through, View};
use waystage::programmes::read_base;
use waystage::replay::models::{Checked, view_of};
use waystage::{Compared, Engine, EngineError};

use crate::arguments::{Arguments, Diff, Side, ViewArguments};
use crate::command::{anchored, backup, kept, scenario, view_json, view_words};
use crate::failure::Failure;
use crate::progress::Progress;

/// One side, opened.
pub(super) struct Opened {
    // before the folder that it may be in
    engine: Rc<Engine>,
    lens: Lens,
    what: What,
    _folder: Option<TempDir>,
}

enum What {
    View,
    Store(PathBuf),
    Backup(PathBuf),
    Scenario { name: String, assumptions: Vec<String> },
    Kept,
}

impl Opened {
    /// Returns the side, for the comparison.
    pub(super) fn compared(&self) -> Compared<'_> {
        Compared { engine: &self.engine, lens: &self.lens }
    }

    /// Returns the side as a document.
    pub(super) fn json(&self) -> Value {
        let side = match &self.what {
            What::View => json!({ "side": "view" }),
            What::Store(folder) => {
                json!({ "side": "store", "store": folder.display().to_string() })
            }
            What::Backup(file) => json!({ "side": "backup", "file": file.display().to_string() }),
            What::Scenario { name, assumptions } => {
                json!({ "side": "scenario", "scenario": name, "assumptions": assumptions })
            }
            What::Kept => json!({ "side": "kept" }),
        };
        let mut view = view_json(&self.lens.view);
        if self.lens.view.known_at == Timestamp::MAX {
            view["known_at"] = Value::Null;
        }
        let mut side = side;
        side["view"] = view;
        side
    }

    /// Returns the side in words.
    pub(super) fn words(&self) -> String {
        let view = &self.lens.view;
        let seen = match (view.known_at, view.through) {
            (Timestamp::MAX, Through::Position(last)) => {
                format!("as of {}, log up to position {last} (basis {})", view.as_of, view.basis)
            }
            _ => view_words(view),
        };
        match &self.what {
            What::View => seen,
            What::Store(folder) => format!("the store {}, {seen}", folder.display()),
            What::Backup(file) => format!("the backup {}, {seen}", file.display()),
            What::Scenario { name, assumptions } => {
                let assumed = assumptions.iter().map(|each| format!("\n        assumed: {each}"));
                format!("the scenario {name:?}, {seen}{}", assumed.collect::<String>())
            }
            What::Kept => format!("the kept read models, {seen}"),
        }
    }
}

/// What is opened for a comparison.
pub(super) struct Open<'a> {
    arguments: &'a Arguments,
    view: &'a ViewArguments,
    source: Option<&'a str>,
    /// The store of `--store`, where there is one.
    own: Option<Rc<Engine>>,
    /// Other stores, by their folders: each is opened once, since one handle holds it.
    others: Vec<(PathBuf, Rc<Engine>)>,
    /// The scenario files that are named: a view that is asked for leaves to them what it does not
    /// say itself.
    bases: Vec<BaseView>,
    checked: Option<Checked>,
    /// Today, once it was asked.
    today: Option<View>,
}

impl<'a> Open<'a> {
    /// Opens the store, with its kept models where one side is them.
    pub(super) fn of(diff: &'a Diff, arguments: &'a Arguments) -> Result<Self, Failure> {
        let sides = [&diff.before, &diff.after];
        let elsewhere = |side: &&Side| matches!(side, Side::Store(_) | Side::Backup(_));
        let folder = &arguments.store;
        let mut open = Self {
            arguments,
            view: &diff.view,
            source: diff.source.as_deref(),
            own: None,
            others: Vec::new(),
            bases: Vec::new(),
            checked: None,
            today: None,
        };
        for side in sides {
            if let Side::Scenario(file) = side {
                let refused = |errors: waystage::programmes::PackErrors| {
                    EngineError::Packs(errors.into_iter().collect())
                };
                let text = read(file)?;
                open.bases.push(read_base(&name(file), &text).map_err(refused)?);
            }
        }
        if Engine::exists(folder) || !sides.iter().all(elsewhere) {
            let own = if sides.contains(&&Side::Kept) {
                if !folder.join(kept::FILE).exists() {
                    let file = folder.join(kept::FILE);
                    let says = format!(
                        "there are no read models at {}: `waystage rebuild`",
                        file.display()
                    );
                    return Err(Failure::Usage(says));
                }
                kept::as_they_stand(anchored::open(arguments)?, |_| kept::every_model())?
            } else {
                anchored::open(arguments)?
            };
            open.own = Some(Rc::new(own));
        }
        Ok(open)
    }

    /// Returns the engine through which somebody looks.
    pub(super) fn looking<'b>(&'b self, before: &'b Opened) -> &'b Engine {
        self.own.as_deref().unwrap_or(&before.engine)
    }

    /// Returns how the kept models compare with the log where they stand, if a side is them.
    pub(super) const fn kept(&self) -> Option<&Checked> {
        self.checked.as_ref()
    }

    /// Returns today as both sides see it: as known at one instant, unless a log is ahead of it.
    fn today(&mut self, engine: &Engine) -> Result<View, Failure> {
        let today = *self.today.get_or_insert_with(|| engine.today());
        let last = engine.reader().last_position()?.map(|last| last.get() - 1);
        let last = match last {
            Some(before) => engine.reader().rows_after(Position::new(before), 1)?,
            None => Vec::new(),
        };
        let known_at = last.iter().map(|row| row.recorded_at).fold(today.known_at, Timestamp::max);
        Ok(View { known_at, ..today })
    }

    /// Returns the view of the flags.
    fn flags(&mut self, engine: &Engine) -> Result<View, Failure> {
        let today = self.today(engine)?;
        let view = self.view.view(engine);
        Ok(if self.view.known_at.is_none() {
            View { known_at: today.known_at, ..view }
        } else {
            view
        })
    }

    fn base(&mut self, engine: &Engine) -> Result<View, Failure> {
        let view = self.flags(engine)?;
        Ok(self.bases.iter().fold(view, |view, base| base.over(view)))
    }

    fn own(&self) -> Result<Rc<Engine>, Failure> {
        let none = || Failure::Usage("there is no store: see --store".to_owned());
        self.own.clone().ok_or_else(none)
    }

    /// Opens a side.
    pub(super) fn side(&mut self, side: &Side) -> Result<Opened, Failure> {
        let opened = |engine: Rc<Engine>, view: View, what: What| -> Result<Opened, Failure> {
            let lens = engine.lens(view)?;
            Ok(Opened { engine, lens, what, _folder: None })
        };
        match side {
            Side::View(asked) => {
                let engine = self.own()?;
                let view = asked.over(self.base(&engine)?);
                opened(engine, view, What::View)
            }
            Side::Now => {
                let engine = self.own()?;
                let view = self.today(&engine)?.basis(self.view.basis);
                opened(engine, view, What::View)
            }
            Side::Store(folder) => {
                let engine = self.store(folder)?;
                let view = self.base(&engine)?;
                opened(engine, view, What::Store(folder.clone()))
            }
            Side::Backup(file) => {
                let (engine, folder) = restored(file)?;
                let view = self.base(&engine)?;
                let opened = opened(Rc::new(engine), view, What::Backup(file.clone()))?;
                Ok(Opened { _folder: Some(folder), ..opened })
            }
            Side::Scenario(file) => self.scenario(file),
            Side::Kept => self.kept_side(),
        }
    }

    /// Returns the store in a folder, which may be the own one.
    fn store(&mut self, folder: &Path) -> Result<Rc<Engine>, Failure> {
        let place = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if let Some(own) = &self.own
            && place(folder) == place(&self.arguments.store)
        {
            return Ok(Rc::clone(own));
        }
        if let Some((_, held)) = self.others.iter().find(|(other, _)| *other == place(folder)) {
            return Ok(Rc::clone(held));
        }
        let engine = Rc::new(anchored::open_elsewhere(folder)?);
        self.others.push((place(folder), Rc::clone(&engine)));
        Ok(engine)
    }

    fn scenario(&mut self, file: &Path) -> Result<Opened, Failure> {
        let engine = self.own()?;
        let flags = self.flags(&engine)?;
        let (view, read) = scenario::read(file, self.source, flags, &engine)?;
        let scenario = scenario::one(file, read)?;
        let what = What::Scenario {
            name: scenario.name.clone(),
            assumptions: scenario.assumptions.clone(),
        };
        let lens = engine.lens(view)?.scenario(scenario);
        Ok(Opened { engine, lens, what, _folder: None })
    }

    fn kept_side(&mut self) -> Result<Opened, Failure> {
        let engine = self.own()?;
        let checked = if let Some(checked) = self.checked.take() {
            checked
        } else {
            let progress = Progress::new("participants", self.arguments.quiet);
            engine.models()?.verify(&[], &|at| progress.replayed(at))?
        };
        let view = view_of(&checked.stand);
        self.checked = Some(checked);
        let empty = || Failure::Usage("the read models were built of an empty log".to_owned());
        let lens = engine.lens(view.ok_or_else(empty)?)?;
        Ok(Opened { engine, lens, what: What::Kept, _folder: None })
    }
}

/// Reads a backup, or an exported log, into a store of its own; the file is only read.
fn restored(file: &Path) -> Result<(Engine, TempDir), Failure> {
    let folder = tempfile::tempdir().map_err(|error| EngineError::Unreadable {
        path: std::env::temp_dir().display().to_string(),
        says: error.to_string(),
    })?;
    let engine = if backup::is_export(file) {
        Engine::restore_export(file, folder.path())?
    } else {
        Engine::restore(file, folder.path())?
    };
    Ok((engine, folder))
}

fn read(file: &Path) -> Result<String, EngineError> {
    fs::read_to_string(file).map_err(|error| EngineError::Unreadable {
        path: file.display().to_string(),
        says: error.to_string(),
    })
}

fn name(file: &Path) -> String {
    file.display().to_string()
}

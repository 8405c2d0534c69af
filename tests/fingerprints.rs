//! The fingerprint of every read model, frozen: whoever changes what a model does for anybody in
//! the golden corpus sees it here. `BLESS=1` writes the list again; a change of it is reviewed line
//! by line, because every stored model of that name will be rebuilt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::fmt;

use chrono::NaiveDate;
use waystage::corpus;
use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::programme::Programmes;
use waystage_core::replayed::Replayed;
use waystage_core::table::{Cell, Model, Table, measure, text};
use waystage_core::time::Timestamp;
use waystage_core::view::View;
use waystage_replay::{Corpus, fingerprint, fingerprints};

const FROZEN: &str = include_str!("fingerprints.txt");

/// A projection that does not say yet what its tables look like: its keys are kept as they are
/// written out for developers. Once it is `Tabular`, it is a model itself and needs none of this.
struct Unshaped<P>(P);

impl<P: Projection<Key: fmt::Debug> + Send> Model for Unshaped<P> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> u32 {
        self.0.version()
    }

    fn tables(&self) -> Vec<Table> {
        vec![
            Table::new(self.0.name(), "Amounts by key.")
                .column(text("key", "The key."))
                .measure(measure("amount", "The amount.")),
        ]
    }

    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Cell> {
        let contributions = self.0.contribute(replayed).into_iter();
        Contributions::of(
            contributions
                .map(|(key, amount)| (Cell::of(0, vec![format!("{key:?}").into()], 0), amount)),
        )
    }

    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        self.0.due(replayed).into_iter().chain(replayed.next_change()).min()
    }
}

fn of(projection: impl Projection<Key: fmt::Debug> + Send + 'static) -> Box<dyn Model> {
    Box::new(Unshaped(projection))
}

/// Every read model, as it is known by its name in the list.
fn models(programmes: &Programmes) -> Vec<(&'static str, Box<dyn Model>)> {
    let by = || Dimension::ALL.to_vec();
    vec![
        ("accelerated", of(Accelerated)),
        ("ages", of(Ages)),
        ("caseload", of(Caseload)),
        ("claims", of(Claims)),
        ("definitions", of(Definitions::of(programmes))),
        ("eligibility", of(Eligibility)),
        ("fees", of(Fees)),
        ("funnel", of(Funnel { by: Vec::new() })),
        ("funnel by everything", of(Funnel { by: by() })),
        ("key_workers", of(KeyWorkers)),
        ("needs", of(Needs)),
        ("provision", of(Provision)),
        ("standards", of(Standards { by: Vec::new() })),
        ("standards by everything", of(Standards { by: by() })),
        ("targets", of(Targets)),
    ]
}

/// The programmes of the corpus, all of it known.
fn programmes(corpus: &Corpus) -> Programmes {
    corpus.adoptions.in_force(&View::new(NaiveDate::MAX, Timestamp::MAX))
}

#[test]
fn every_model_still_does_what_it_did() {
    let corpus = corpus::golden().unwrap();
    let named = models(&programmes(&corpus));
    let models: Vec<&dyn Model> = named.iter().map(|(_, model)| &**model).collect();
    let fingerprints = fingerprints(&models, &corpus);
    assert_eq!(fingerprints[0], fingerprint(models[0], &corpus), "one alone has the same");
    let lines =
        fingerprints.iter().zip(&named).map(|(digest, (name, _))| format!("{digest} {name}"));
    let lines: Vec<String> = lines.collect();
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fingerprints.txt");
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let frozen: Vec<&str> = FROZEN.lines().collect();
    let changed: Vec<&String> =
        lines.iter().filter(|line| !frozen.contains(&line.as_str())).collect();
    assert!(
        changed.is_empty() && lines.len() == frozen.len(),
        "stored models of these will be rebuilt; if that is meant, BLESS=1 writes the list again: \
         {changed:#?}"
    );
}

/// A projection that is not in the list could change without anybody seeing it.
#[test]
fn no_projection_is_forgotten() {
    let mut forgotten = Vec::new();
    for place in ["waystage-caseload", "waystage-cohorts"] {
        let folder = format!("{}/../crates/{place}/src", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let lines = text.lines().filter_map(|line| line.strip_prefix("impl Projection for "));
            let names = lines.map(|rest| rest.split(' ').next().unwrap().to_owned());
            let words =
                || include_str!("fingerprints.rs").split(|each: char| !each.is_alphanumeric());
            let listed = |name: &String| words().any(|word| word == name);
            forgotten.extend(names.filter(|name| !listed(name)));
        }
    }
    assert!(forgotten.is_empty(), "no fingerprint is kept of {forgotten:?}");
}

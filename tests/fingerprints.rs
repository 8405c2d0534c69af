//! The fingerprint of every read model, frozen: whoever changes what a model does for anybody in
//! the golden corpus sees it here. `BLESS=1` writes the list again; a change of it is reviewed line
//! by line, because every stored model of that name will be rebuilt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use waystage::corpus;
use waystage_caseload::{Caseload, KeyWorkers};
use waystage_cohorts::{
    Accelerated, Ages, Claims, Definitions, Dimension, Eligibility, Fees, Funnel, Needs, Provision,
    Standards, Targets,
};
use waystage_core::table::Model;
use waystage_replay::fingerprint;

const FROZEN: &str = include_str!("fingerprints.txt");

/// Every read model, as it is known by its name in the list.
fn models() -> Vec<(&'static str, Box<dyn Model>)> {
    let by = || Dimension::ALL.to_vec();
    vec![
        ("accelerated", Box::new(Accelerated)),
        ("ages", Box::new(Ages)),
        ("caseload", Box::new(Caseload)),
        ("claims", Box::new(Claims)),
        ("definitions", Box::new(Definitions)),
        ("eligibility", Box::new(Eligibility)),
        ("fees", Box::new(Fees)),
        ("funnel", Box::new(Funnel { by: Vec::new() })),
        ("funnel by everything", Box::new(Funnel { by: by() })),
        ("key_workers", Box::new(KeyWorkers)),
        ("needs", Box::new(Needs)),
        ("provision", Box::new(Provision)),
        ("standards", Box::new(Standards { by: Vec::new() })),
        ("standards by everything", Box::new(Standards { by: by() })),
        ("targets", Box::new(Targets)),
    ]
}

#[test]
fn every_model_still_does_what_it_did() {
    let corpus = corpus::golden().unwrap();
    let models = models();
    let lines =
        models.iter().map(|(name, model)| format!("{} {name}", fingerprint(&**model, &corpus)));
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

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
use waystage_replay::{fingerprint, fingerprints};

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
    let named = models();
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

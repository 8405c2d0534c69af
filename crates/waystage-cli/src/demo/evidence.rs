//! The demo's last steps: the log signed and verified, and an audit of it.

use std::collections::BTreeMap;
use std::path::Path;

use waystage::Engine;
use waystage::core::view::View;
use waystage::evidence::{Anchor, HeldCheckpoint, Trust};
use waystage::evidence_format::KeyKind;

use crate::command::{beside, new_secret_key};
use crate::failure::Failure;
use crate::output::{Output, Rows};

/// Kinds of findings that are shown.
const KINDS_SHOWN: usize = 8;

/// Signs the log, verifies it against what was signed, and audits it.
pub(super) fn sign_and_audit(store: &Path, view: View, output: &mut Output) -> Result<(), Failure> {
    let engine = Engine::open(store)?;
    output.line("\n== 9. Evidence: signed, so that nothing can be changed unseen ==========")?;
    let key = new_secret_key(&beside(store, "key"), engine.reader().origin(), KeyKind::Log)?;
    let anchor = Anchor::at(beside(store, "anchor"));
    let checkpoint = engine.checkpoint(&key, &anchor, &|_| {})?;
    output.line(checkpoint.to_string().trim_end())?;
    let trust =
        Trust { key: Some(key.public().clone()), held: vec![HeldCheckpoint::of(checkpoint)] };
    let verified = engine.verify_log(&trust, &|_| {})?;
    output.line(&format!(
        "verified: {} events, every leaf computed again; whoever holds these lines finds any later \
         change to them",
        verified.size
    ))?;

    output.line("\n== 10. Audit: everything derived again, then and now ===================")?;
    let looking = engine.access("user:demo", "the demo");
    let audited = looking.audit(view, &|_| {})?;
    output.left_out(&audited.parked);
    let checked = &audited.checked;
    output.line(&format!(
        "{} determinations, {} claims and {} payments of {} participants were derived again",
        checked.determinations, checked.claims, checked.payments, checked.participants
    ))?;
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for finding in &audited.findings {
        *kinds.entry(finding.kind).or_default() += 1;
    }
    let mut rows = Rows::new(["#findings", "kind", "what"]);
    for (kind, count) in kinds.iter().take(KINDS_SHOWN) {
        rows.row([count.to_string(), kind.as_str().to_owned(), kind.heading().to_owned()]);
    }
    output.table(&rows)?;
    if kinds.len() > KINDS_SHOWN {
        output
            .line(&format!("… and {} more kinds: `waystage audit`", kinds.len() - KINDS_SHOWN))?;
    }
    Ok(())
}

//! Evidence as a service uses it: the tree that every append keeps, certificates and what has
//! changed since, and the record that every look leaves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "evidence/certificates.rs"]
mod certificates;
#[path = "evidence/given.rs"]
mod given;
#[path = "evidence/looking.rs"]
mod looking;
#[path = "evidence/restated.rs"]
mod restated;
#[path = "evidence/trees.rs"]
mod trees;

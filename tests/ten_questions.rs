//! The scenario files of `docs/scenarios`: each is read against the bundled packs and asked of the
//! demo's population, and what a careless answer would get wrong is tried. The pages
//! `docs/guides/ten-questions.md` and `what-if.md` show the answers; `BLESS=1` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "ten_questions/answers.rs"]
mod answers;
#[path = "ten_questions/fair.rs"]
mod fair;
#[path = "ten_questions/page.rs"]
mod page;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "other tests start imports with it")]
mod program;
#[path = "ten_questions/traps.rs"]
mod traps;
#[path = "ten_questions/world.rs"]
mod world;

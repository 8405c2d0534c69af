//! The scenario files of `docs/scenarios`: each is read against the bundled packs and asked of the
//! demo's population; what a careless answer would get wrong is tried question by question. The
//! page `docs/guides/ten-questions.md` shows the answers; `BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "support/program.rs"]
#[allow(dead_code, reason = "other tests start imports with it")]
mod program;
#[path = "ten_questions/world.rs"]
mod world;

use world::{Asked, World, names};

#[test]
fn every_file_is_read() {
    let world = World::demo();
    for name in names() {
        let t = std::time::Instant::now();
        let asked = world.ask(&name);
        println!("== {name} {:?}", t.elapsed());
        for programme in asked.programmes() {
            for rule in asked.changed_rules(&programme) {
                println!(
                    "{programme} {rule} {:?} -> {:?} moves {:?}",
                    Asked::counts(&asked.before, &programme, &rule),
                    Asked::counts(&asked.after, &programme, &rule),
                    asked.moves(&programme, &rule)
                );
            }
        }
    }
}

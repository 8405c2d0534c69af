//! An engine in a plain thread: facts arrive through a channel, read models are kept in step, and
//! whoever wants figures reads them at one moment.
//!
//! `cargo run -p waystage --example thread`

use std::error::Error;
use std::sync::{Arc, mpsc};
use std::thread;

use waystage::core::id::{Named, ParticipantId, ParticipationId};
use waystage::core::journey::code::GssCode;
use waystage::core::journey::entry::{Entry, Marked, Referred};
use waystage::{Adoption, Engine, NewFact, Pace, ReadModels};
use waystage_cohorts::{Dimension, Funnel};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let models = ReadModels::new()
        .with(Funnel { by: vec![Dimension::Provider, Dimension::Month] })
        .pace(Pace::InStep);
    let engine = Engine::create(folder.path(), "example.org/thread")?.keep(models)?;
    engine.adopt(&Adoption::bundled())?;
    let engine = Arc::new(engine);

    // the thread that records; it ends when nobody can send any more
    let (sender, receiver) = mpsc::channel::<(ParticipantId, Vec<NewFact>)>();
    let recorder = thread::spawn({
        let engine = Arc::clone(&engine);
        move || {
            for (person, facts) in receiver {
                // sending the same facts again is always safe: they carry their keys
                if let Err(error) = engine.record(person, facts) {
                    eprintln!("not recorded: {error}");
                }
            }
        }
    });
    for number in 1..=40_u8 {
        let id = ParticipationId::from_bytes([number; 16]);
        let bury = GssCode::parse("E08000002").ok_or("no GSS code")?;
        let named = Named::new(id, format!("R-{number}"));
        let mut referral = Referred::to("working-well-pilot", named, "2015-05-18".parse()?, bury);
        referral.provider = format!("provider-{}", number % 3);
        let mut facts =
            vec![engine.fact("2015-05-18".parse()?, "user:7", Entry::Referred(referral))];
        if number.is_multiple_of(2) {
            let started = Entry::Started(Marked::of(id));
            facts.push(engine.fact("2015-06-01".parse()?, "user:7", started));
        }
        sender.send((ParticipantId::from_bytes([number; 16]), facts))?;
    }
    drop(sender);
    recorder.join().map_err(|_| "the recorder failed")?;

    let rows = engine.models()?.read(|at| {
        println!("read models at {}", at.stand());
        at.rows("funnel")
    })?;
    for row in &rows {
        let key: Vec<String> = row.row.iter().map(ToString::to_string).collect();
        println!(
            "{:30} referrals {:3}  starts {:3}",
            key.join(" "),
            row.amounts[0],
            row.amounts[2]
        );
    }
    let starts: i64 = rows.iter().map(|row| row.amounts[2]).sum();
    assert_eq!(starts, 20);
    println!("the same as tables: sqlite3 {}/journeys.views.db", folder.path().display());
    Ok(())
}

//! The timeline of somebody under a scenario shows what is assumed, and what is not so there.

use waystage_caseload::{Fate, Timeline};
use waystage_core::id::{JobId, Named};
use waystage_core::journey::employment::{Employment, JobStarted, WeeklyMinutes};
use waystage_core::journey::{Fact, Kind};
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::scenario::{Also, Change, Scenario, Selector};
use waystage_core::view::Basis;
use waystage_store::{EventReader, read_stream};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{far_end, worlds};

use crate::trials::holds;

#[test]
fn a_timeline_shows_what_is_assumed_and_what_is_imagined_away() {
    let away = std::cell::Cell::new(0_u32);
    holds(40, &worlds(), |world| {
        let store = recorded(&world.events)?;
        let far = Lens::new(far_end(Basis::Reported), std::sync::Arc::new(world.adoptions.clone()));
        for participant in store.participants().unwrap() {
            let stream = read_stream(&store, participant).unwrap().events;
            let plain = Timeline::of(&Replayed::of(participant, &stream, &far));
            assert!(plain.entries.iter().all(|each| !each.assumed));
            assert!(plain.entries.iter().all(|each| each.fate != Fate::ImaginedAway));
            let job = Named::new(JobId::from_bytes([7; 16]), "assumed-job");
            let started = JobStarted::employed(job, WeeklyMinutes(600));
            let also = Also {
                participant,
                on: "2019-06-30".parse().unwrap(),
                fact: Fact::Employment(Employment::JobStarted(started)),
                reported_at: None,
            };
            let without = Change::Without(Selector::kind(Kind::Started));
            let scenario =
                Scenario { changes: vec![without, Change::Also(also)], ..Scenario::empty() };
            let under = far.clone().scenario(scenario);
            let imagined = Timeline::of(&Replayed::of(participant, &stream, &under));
            let assumed: Vec<&str> = imagined
                .entries
                .iter()
                .filter(|each| each.assumed)
                .map(|each| each.event.as_str())
                .collect();
            assert_eq!(assumed, ["assumed by change 2"]);
            // everything that was recorded is there still, and says what became of it
            assert_eq!(imagined.entries.len(), plain.entries.len() + 1);
            for entry in imagined.entries.iter().filter(|each| each.kind == Kind::Started) {
                assert_eq!(entry.fate, Fate::ImaginedAway);
                away.set(away.get() + 1);
            }
            let gone = |each: &&waystage_caseload::Entry| each.fate == Fate::ImaginedAway;
            assert!(imagined.entries.iter().filter(gone).all(|each| each.kind == Kind::Started));
        }
        Ok(())
    });
    assert!(away.get() > 20, "{} starts were imagined away", away.get());
}

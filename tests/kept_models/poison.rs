//! An event that cannot be read, and a model that fails on somebody: that participant is parked,
//! everybody else goes on, and what is decided about them is recorded.

use waystage::core::id::{ParticipantId, Position};
use waystage::core::view::Basis;
use waystage::{Engine, Rebuild};

use crate::given::{FailsOn, day, every, filled, same_as_the_log, small};
use crate::unguarded::of_schema;

/// The third event of somebody, and whose it is.
fn an_event(engine: &Engine) -> (ParticipantId, Position) {
    let people = engine.reader().participants().unwrap();
    let rows = people.iter().map(|person| engine.reader().rows_of(*person).unwrap());
    let rows = rows.into_iter().find(|rows| rows.len() > 6).unwrap();
    (rows[2].participant, rows[2].position)
}

#[test]
fn an_unreadable_event_parks_its_participant_alone_until_it_can_be_read() {
    let (folder, engine) = filled();
    let everyone = engine.reader().participants().unwrap().len();
    let (person, position) = an_event(&engine);
    drop(engine);
    of_schema(folder.path(), position, 99);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    let parked = engine.parked().unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].participant, parked[0].position), (person, Some(position)));
    assert!(parked[0].says.contains("reads up to schema 1"), "{}", parked[0].says);
    let models = engine.models().unwrap();
    let of_model = models.read(|at| at.parked("caseload")).unwrap();
    assert_eq!(of_model, parked);
    assert!(models.status().unwrap().models.iter().all(|model| model.parked == 1));
    let lens = engine.lens(engine.today()).unwrap();
    let looked = engine.replay(&lens).each(|_| ()).unwrap();
    assert_eq!((looked.each.len(), looked.parked.len()), (everyone - 1, 1));
    same_as_the_log(&engine);
    // others are recorded of, determined, imported and rebuilt as if nothing were
    let run = engine.determine(day("2021-09-30"), Basis::Recorded).unwrap();
    assert_eq!((run.parked.len(), run.participants), (1, everyone as u64 - 1));
    let mut more = small();
    more.source = "more".into();
    engine.import(&more, &|_, _| {}).unwrap();
    same_as_the_log(&engine);
    models.rebuild(&[], &Rebuild::default()).unwrap();
    same_as_the_log(&engine);
    drop(engine);
    // a later version of the engine reads it
    of_schema(folder.path(), position, 1);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    assert!(engine.parked().unwrap().is_empty());
    same_as_the_log(&engine);
    let _ = engine.retry(person, "user:operator", "the new version is installed").unwrap();
    same_as_the_log(&engine);
    let status = engine.models().unwrap().status().unwrap();
    assert!(status.models.iter().all(|model| model.parked == 0));
}

#[test]
fn what_a_newer_engine_kept_and_this_one_cannot_derive_does_not_answer() {
    let (folder, engine) = filled();
    let (person, position) = an_event(&engine);
    drop(engine.keep(every()).unwrap());
    of_schema(folder.path(), position, 99);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    let _ = engine.skip(position, "user:operator", "an older engine is installed").unwrap();
    let models = engine.models().unwrap();
    let says = models.read(|at| at.rows("caseload")).unwrap_err().to_string();
    assert!(says.contains("behaves otherwise than this one: rebuild it"), "{says}");
    assert!(models.status().unwrap().failure.is_some());
    models.rebuild(&[], &Rebuild::default()).unwrap();
    same_as_the_log(&engine);
    let others = engine.journey(person, engine.today(), |replayed| replayed.stream().len());
    assert!(others.unwrap() > 5);
}

#[test]
fn a_skipped_event_is_left_out_from_there_on_and_read_again_after_a_retry() {
    let (folder, engine) = filled();
    let (person, position) = an_event(&engine);
    let before = engine.reader().last_position().unwrap().unwrap();
    drop(engine);
    of_schema(folder.path(), position, 99);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    let receipt = engine.skip(position, "user:operator", "sent by mistake").unwrap();
    assert!(engine.parked().unwrap().is_empty());
    same_as_the_log(&engine);
    let status = engine.models().unwrap().status().unwrap();
    assert!(status.models.iter().all(|model| model.parked == 0));
    // a view of before still cannot read it: nothing is changed behind anybody's back
    let then = engine.today().through(before);
    let lens = engine.lens(then).unwrap();
    assert_eq!(engine.replay(&lens).each(|_| ()).unwrap().parked.len(), 1);
    // the decision stands in the log, with who made it and why
    let row = &engine.reader().rows_after(Position::new(receipt.position.get() - 1), 1).unwrap()[0];
    assert_eq!((&*row.kind, row.actor.as_str()), ("EventSkipped", "user:operator"));
    assert!(String::from_utf8_lossy(&row.payload).contains("sent by mistake"));
    drop(engine);
    of_schema(folder.path(), position, 1);
    let engine = Engine::open(folder.path()).unwrap().keep(every()).unwrap();
    let facts = |engine: &Engine| {
        let seen = |replayed: &waystage::core::replayed::Replayed<'_>| replayed.stream().len();
        engine.journey(person, engine.today(), seen).unwrap()
    };
    let skipped = facts(&engine);
    let _ = engine.retry(person, "user:operator", "it was none").unwrap();
    assert_eq!(facts(&engine), skipped + 1);
    same_as_the_log(&engine);
    assert!(engine.skip(receipt.position, "user:operator", "the log's own").is_err());
    let says = engine.skip(position, "user:operator", "it looks wrong").unwrap_err().to_string();
    assert!(says.ends_with("can be read: withdraw it if it is wrong"), "{says}");
}

#[test]
fn a_model_that_fails_on_somebody_parks_them_in_that_model_alone() {
    let (_folder, engine) = filled();
    let (person, _) = an_event(&engine);
    let everyone = engine.reader().participants().unwrap().len();
    let engine = engine.keep(every().with(FailsOn(person))).unwrap();
    let models = engine.models().unwrap();
    let parked = models.read(|at| at.parked("fails_on")).unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].participant, parked[0].position), (person, None));
    assert!(!parked[0].says.contains("planted"), "what it said may speak of the person");
    let rows = models.read(|at| at.rows("fails_on")).unwrap();
    assert_eq!(rows[0].amounts, [i64::try_from(everyone).unwrap() - 1]);
    assert!(models.read(|at| at.parked("caseload")).unwrap().is_empty());
    assert!(models.verify(&[], &|_| {}).unwrap().is_clean());
    let sum = engine.sum(&FailsOn(person), engine.today()).unwrap();
    assert_eq!((sum.model.get(&"read"), sum.parked.len()), (rows[0].amounts[0], 1));
}

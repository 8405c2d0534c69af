//! The museum of messages: one case for each refusal, store error and finding, with its exact text.
//! (Packs have a museum of their own beside their loader, rejects stand in `intake.rs`.)
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use waystage::core::id::{
    EventId, JobId, Named, ParticipantId, ParticipationId, Position, Version,
};
use waystage::core::journey::code::GssCode;
use waystage::core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage::core::journey::employment::{
    Employment, JobEnded, JobStarted, Sector, WeeklyMinutes,
};
use waystage::core::journey::entry::{Entry, Marked, Referred};
use waystage::core::journey::evidence::{
    EarningsReported, EmploymentVerified, Evidence, Method, StatementKind,
};
use waystage::core::journey::money::{Claim, Money};
use waystage::core::journey::support::Support;
use waystage::core::journey::{Fact, Finding, Sourced};
use waystage::store::{Class, Limit, Retry, StoreError};
use waystage::{Adoption, Engine, EngineError, NewFact};

const PERSON: ParticipantId = ParticipantId::from_bytes([1; 16]);

fn engine() -> Engine {
    let engine = Engine::in_memory("example.org/errors");
    engine.adopt(&Adoption::bundled()).unwrap();
    engine
}

/// Returns a fact under an id of its own.
fn fact(on: &str, fact: impl Into<Fact>) -> NewFact {
    static MADE: AtomicU64 = AtomicU64::new(1);
    let made = u128::from(MADE.fetch_add(1, Ordering::Relaxed));
    NewFact::new(EventId::from_bytes(made.to_be_bytes()), on.parse().unwrap(), "user:1", fact)
}

fn participation() -> Named<ParticipationId> {
    Named::new(ParticipationId::from_bytes([2; 16]), "R-1")
}

fn referral(programme: &str) -> Fact {
    let area = GssCode::parse("E08000002").unwrap();
    let received = "2015-05-18".parse().unwrap();
    Fact::Entry(Entry::Referred(Referred::to(programme, participation(), received, area)))
}

fn marked(step: fn(Marked) -> Entry) -> Fact {
    Fact::Entry(step(Marked::of(participation().id)))
}

fn left(step: fn(Marked) -> Support) -> Fact {
    Fact::Support(step(Marked::of(participation().id)))
}

fn job_starts() -> Fact {
    let job = Named::new(JobId::from_bytes([3; 16]), "job 1");
    let start = JobStarted::employed(job, WeeklyMinutes::from_hours(20));
    Fact::Employment(Employment::JobStarted(start))
}

fn job_ends() -> Fact {
    let job = JobId::from_bytes([3; 16]);
    let end = JobEnded { job, weekly_minutes: None, sector: Sector::Employed, reason: None };
    Fact::Employment(Employment::JobEnded(end))
}

fn refused(engine: &Engine, facts: Vec<NewFact>) -> String {
    let before = engine.status().unwrap().last_position;
    let error = engine.record(PERSON, facts).unwrap_err();
    let EngineError::Store(store) = &error else { panic!("{error}") };
    assert_eq!((store.class(), store.retry()), (Class::NotWritten, Retry::Never));
    assert_eq!(engine.status().unwrap().last_position, before, "something was written");
    error.to_string()
}

#[test]
fn a_step_of_a_participation_that_is_not_recorded_is_refused() {
    let message = refused(&engine(), vec![fact("2015-06-01", marked(Entry::Started))]);
    let id = participation().id;
    assert_eq!(
        message,
        format!(
            "could not record: participation {id} is not recorded for this participant: record it first"
        )
    );
}

#[test]
fn the_end_of_a_job_that_is_not_recorded_is_refused() {
    let message = refused(&engine(), vec![fact("2015-06-01", job_ends())]);
    let id = JobId::from_bytes([3; 16]);
    assert_eq!(
        message,
        format!("could not record: job {id} is not recorded for this participant: record it first")
    );
}

#[test]
fn a_correction_of_nothing_is_refused() {
    let corrects = EventId::from_bytes([9; 16]);
    let withdrawn = Correction::FactWithdrawn(FactWithdrawn { corrects, reason: None });
    let message = refused(&engine(), vec![fact("2015-06-01", withdrawn)]);
    assert_eq!(
        message,
        format!(
            "could not record: event {corrects} is not recorded for this participant: record it first"
        )
    );
}

#[test]
fn an_amendment_of_a_field_that_the_fact_does_not_have_is_refused() {
    let engine = engine();
    let receipts = engine.record(PERSON, vec![fact("2015-06-01", job_starts())]).unwrap();
    let corrects = receipts[0].id;
    let amendment = Amendment::Severity(3);
    let amended = Correction::FactAmended(FactAmended { corrects, amendment, reason: None });
    let message = refused(&engine, vec![fact("2015-06-02", amended)]);
    assert_eq!(
        message,
        format!(
            "could not record: the amended fact {corrects} has no such field, or is a correction: withdraw it and report it again"
        )
    );
}

#[test]
fn a_day_in_the_future_is_refused_and_tomorrow_is_not() {
    let engine = engine();
    let today = engine.today().as_of;
    let after = |days| (today + chrono::Days::new(days)).to_string();
    let message = refused(&engine, vec![fact(&after(2), job_starts())]);
    assert_eq!(
        message,
        format!(
            "could not record: it is dated {}, later than the day after it is recorded ({today}): correct the date",
            after(2)
        )
    );
    assert!(engine.record(PERSON, vec![fact(&after(1), job_starts())]).is_ok());
}

#[test]
fn a_key_that_names_other_content_is_refused() {
    let engine = engine();
    let sourced = Sourced { source: "demo".into(), reference: "JB-1".into() };
    let told = "2016-01-01T09:00:00Z".parse().unwrap();
    let new = |on| fact(on, job_starts()).sourced(sourced.clone(), told);
    let _ = engine.record(PERSON, vec![new("2015-06-01")]).unwrap();
    assert!(engine.record(PERSON, vec![new("2015-06-01")]).unwrap()[0].duplicate);
    let message = refused(&engine, vec![new("2015-06-02")]);
    assert_eq!(
        message,
        "could not record: JB-1 of demo was recorded before with other content: correct it by an amendment of its own"
    );
}

#[test]
fn a_blank_name_is_refused() {
    let engine = engine();
    let sourced = Sourced { source: "".into(), reference: "JB-1".into() };
    let told = "2016-01-01T09:00:00Z".parse().unwrap();
    let message = refused(&engine, vec![fact("2015-06-01", job_starts()).sourced(sourced, told)]);
    assert_eq!(message, "could not record: its source is blank: name it");
}

#[test]
#[allow(clippy::too_many_lines)] // a list of cases
fn store_errors_say_what_happened_to_the_write_and_what_to_do() {
    let position = Position::FIRST;
    let version = |number| Version::new(number);
    let path = || "journeys.db".to_owned();
    let after = Duration::from_millis(100);
    let cases: Vec<(StoreError, &str, Class, Retry)> = vec![
        (
            StoreError::Conflict { participant: PERSON, expected: version(3), actual: version(4) },
            "stream 01040G2081040G2081040G2081 was read at version 3 and is at 4: read it again",
            Class::NotWritten,
            Retry::AfterReading,
        ),
        (
            StoreError::LimitExceeded { which: Limit::PayloadBytes, limit: 10, got: 11 },
            "11 bytes of a payload are over the limit of 10: split it, or shorten it",
            Class::NotWritten,
            Retry::Never,
        ),
        (
            StoreError::ClockWentBack { by: Duration::from_secs(9) },
            "the clock stands 9000 ms behind the last recorded event: set it right",
            Class::NotWritten,
            Retry::Never,
        ),
        (
            StoreError::Busy,
            "another process is writing to the store: try again when it is done",
            Class::NotWritten,
            Retry::After(after),
        ),
        (
            StoreError::StorageFull,
            "no space is left for the store: free some, then try again",
            Class::NotWritten,
            Retry::After(after),
        ),
        (
            StoreError::OutcomeUnknown { says: "disk I/O error".to_owned() },
            "the commit did not finish (disk I/O error): send the same events again to learn whether it holds",
            Class::Unknown,
            Retry::SameKey,
        ),
        (
            StoreError::Poisoned { cause: "disk I/O error".to_owned() },
            "an earlier commit failed (disk I/O error): open the store again",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::NotDecodable {
                position,
                kind: "Telepathy".to_owned(),
                schema: 2,
                reason: "unknown".to_owned(),
            },
            "event 1 (Telepathy, schema 2) cannot be read: unknown",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::Unreadable { position, says: "why".to_owned() },
            "from position 1 on, the log could not be read, nor when it was tried again (why): check the disk, then restore a backup",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::Corrupt { position, says: "a day is no date" },
            "the store is damaged at position 1: a day is no date",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::AlreadyExists { path: path() },
            "there is something at journeys.db already: open it, or choose another place",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::NotFound { path: path() },
            "there is no store at journeys.db: create one with `init`, or check the path",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::UnsupportedFormat {
                path: path(),
                says: "it is no waystage log".to_owned(),
            },
            "journeys.db cannot be opened: it is no waystage log",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::UnsafeSqlite { version: "3.51.2".to_owned() },
            "the linked SQLite is 3.51.2: at least 3.51.3 is needed, and not 3.52.0",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::Locked { pid: 7 },
            "the store is held by process 7: stop it, or read a backup",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::ForkedHandle,
            "the store was opened before this process was forked: open it again here",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::UnsafeFilesystem { path: "/net".to_owned(), kind: "NFS" },
            "/net is on NFS, where locks and syncs cannot be relied on: use a local disk",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::BehindReceipt { known: position, last: None },
            "position 1 is known to hold another event than this store, which ends at 0: it is older or a fork; declare the loss to go on",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::HeldByReader { bytes: 5 },
            "a reader holds the write-ahead log at 5 bytes: end that reader, then try again",
            Class::NotWritten,
            Retry::After(after),
        ),
        (
            StoreError::NotEncodable { reason: "why".to_owned() },
            "the event cannot be encoded: why",
            Class::NotWritten,
            Retry::Never,
        ),
        (
            StoreError::NoResources { says: "out of memory".to_owned() },
            "the machine has no room for it (out of memory): free memory, threads or file handles, then try again",
            Class::NotWritten,
            Retry::After(after),
        ),
        (
            StoreError::ReadTooLong { allowed: Duration::from_secs(2) },
            "the read took longer than 2000 ms: read less at a time, or give readers longer",
            Class::NotWritten,
            Retry::Never,
        ),
        (
            StoreError::ReadFault { code: 266, says: "disk I/O error".to_owned() },
            "the storage could not be read (266: disk I/O error): try again; where it stays so, verify the log",
            Class::NotWritten,
            Retry::After(after),
        ),
        (
            StoreError::WriteFault { code: 778, says: "disk I/O error".to_owned() },
            "the storage could not be written (778: disk I/O error), and nothing was recorded: try again",
            Class::NotWritten,
            Retry::After(after),
        ),
        (
            StoreError::NotWritable { code: 8, says: "read-only".to_owned() },
            "the store may not be written (8: read-only): check who owns its files and how its disk is mounted",
            Class::Fatal,
            Retry::Never,
        ),
        (
            StoreError::Damaged { says: "no such table: event".to_owned() },
            "the store contradicts itself (no such table: event): verify it, and restore a backup where that fails",
            Class::Fatal,
            Retry::Never,
        ),
    ];
    for (error, message, class, retry) in cases {
        assert_eq!(error.to_string(), message);
        assert_eq!((error.class(), error.retry()), (class, retry), "{message}");
    }
}

#[test]
fn the_engine_names_the_folder_that_it_cannot_read() {
    let engine = engine();
    let missing = std::path::Path::new("no/such/folder");
    let error = Adoption::read(Some(missing), None).unwrap_err();
    assert_eq!(error.to_string(), "no/such/folder: No such file or directory (os error 2)");
    let adoption = Adoption {
        packs: vec![("x.toml".to_owned(), "[programme]\nid = \"x\"".to_owned())],
        tables: Vec::new(),
    };
    let error = engine.adopt(&adoption).unwrap_err();
    assert!(error.to_string().contains("errors in packs or tables:\nx.toml:1:1: "), "{error}");
}

fn found(programme: &str, facts: Vec<NewFact>) -> BTreeSet<Finding> {
    let engine = engine();
    let referred = fact("2015-05-18", referral(programme));
    let _ = engine.record(PERSON, vec![referred]).unwrap();
    if !facts.is_empty() {
        let _ = engine.record(PERSON, facts).unwrap();
    }
    let lens = engine.lens(engine.today()).unwrap();
    let found = engine.replay(&lens).one(PERSON, |replayed| replayed.journey.findings.clone());
    found.unwrap().into_iter().map(|found| found.finding).collect()
}

fn told(on: &str, reference: &str, at: &str, says: Fact) -> NewFact {
    let sourced = Sourced { source: "demo".into(), reference: reference.into() };
    fact(on, says).sourced(sourced, at.parse().unwrap())
}

fn statement() -> Fact {
    Fact::Evidence(Evidence::EarningsReported(EarningsReported {
        statement_kind: StatementKind::Original,
        scheme: "900/AA00012".to_owned(),
        period_from: "2016-02-01".parse().unwrap(),
        period_to: "2016-01-01".parse().unwrap(),
        gross_pence: 1,
        qualifying: true,
    }))
}

fn verification() -> Fact {
    Fact::Evidence(Evidence::EmploymentVerified(EmploymentVerified {
        job: JobId::from_bytes([3; 16]),
        method: Method::Payslip,
        covers_from: "2016-02-01".parse().unwrap(),
        covers_to: "2016-01-01".parse().unwrap(),
    }))
}

fn paid() -> Fact {
    let rule = "sustained-12-months".into();
    let claim = Claim { participation: participation().id, rule, amount_pence: None };
    Fact::Money(Money::ClaimPaid(claim))
}

#[test]
fn every_finding_is_found_where_it_should_be() {
    let pilot = "working-well-pilot";
    let started = || marked(Entry::Started);
    let cases: Vec<(Finding, &str, Vec<NewFact>)> = vec![
        (Finding::SecondReferral, pilot, vec![fact("2015-05-20", referral(pilot))]),
        (
            Finding::BeforeReferral,
            pilot,
            vec![fact("2015-05-01", marked(Entry::ReferralAcknowledged))],
        ),
        (
            Finding::OutOfSequence,
            pilot,
            vec![fact("2015-06-01", left(Support::Exited)), fact("2015-06-09", started())],
        ),
        (Finding::StartWithoutAcknowledgement, pilot, vec![fact("2015-06-01", started())]),
        (
            Finding::AcknowledgedAfterStart,
            pilot,
            vec![
                fact("2015-06-01", started()),
                fact("2015-06-02", marked(Entry::ReferralAcknowledged)),
            ],
        ),
        (
            Finding::SecondJobStart,
            pilot,
            vec![fact("2015-06-01", job_starts()), fact("2015-06-02", job_starts())],
        ),
        (
            Finding::JobBeforeStart,
            pilot,
            vec![fact("2015-06-01", job_starts()), fact("2015-06-02", started())],
        ),
        (
            Finding::JobEndsBeforeItStarts,
            pilot,
            vec![fact("2015-06-02", job_starts()), fact("2015-06-01", job_ends())],
        ),
        (
            Finding::SeveralJobEnds,
            pilot,
            vec![
                fact("2015-06-01", job_starts()),
                fact("2015-07-01", job_ends()),
                fact("2015-07-02", job_ends()),
            ],
        ),
        (
            Finding::VerificationCoversNothing,
            pilot,
            vec![fact("2015-06-01", job_starts()), fact("2016-02-01", verification())],
        ),
        (Finding::StatementOfNoPeriod, pilot, vec![fact("2016-02-01", statement())]),
        (Finding::ClaimNeverSubmitted, pilot, vec![fact("2017-02-01", paid())]),
        (
            Finding::ClaimPaidTwice,
            pilot,
            vec![
                fact("2017-01-01", {
                    let Fact::Money(Money::ClaimPaid(claim)) = paid() else { panic!() };
                    Fact::Money(Money::ClaimSubmitted(claim))
                }),
                fact("2017-02-01", paid()),
                fact("2017-02-02", paid()),
            ],
        ),
        (
            Finding::JobStartToldAfterClaim,
            pilot,
            vec![
                told("2017-01-01", "CM-1", "2017-01-01T09:00:00Z", {
                    let Fact::Money(Money::ClaimPaid(claim)) = paid() else { panic!() };
                    Fact::Money(Money::ClaimSubmitted(claim))
                }),
                told("2015-09-01", "JB-1", "2017-01-02T09:00:00Z", job_starts()),
            ],
        ),
        (Finding::ProgrammeNotAdopted, "unheard-of", vec![]),
        (Finding::OutsideReferralDates, "whp-pioneer", vec![]),
        (Finding::OutsideAreas, "whp-pioneer", vec![]),
    ];
    for (finding, programme, facts) in cases {
        let found = found(programme, facts);
        assert!(found.contains(&finding), "{finding} is not among {found:?}");
    }
}

#[test]
fn an_orderly_journey_has_no_finding() {
    let found = found(
        "working-well-pilot",
        vec![
            fact("2015-05-19", marked(Entry::ReferralAcknowledged)),
            fact("2015-06-01", marked(Entry::Started)),
            fact("2015-09-01", job_starts()),
            fact("2016-12-31", job_ends()),
            fact("2017-01-31", left(Support::Completed)),
        ],
    );
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn every_finding_says_something_of_its_own() {
    let says: BTreeSet<&str> = Finding::ALL.iter().map(|finding| finding.says()).collect();
    assert_eq!(says.len(), Finding::ALL.len());
    assert!(says.iter().all(|text| text.starts_with(char::is_lowercase) && !text.ends_with('.')));
}

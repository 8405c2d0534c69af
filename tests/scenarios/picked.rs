//! What each condition of a selector picks, on one person's history.

use std::collections::BTreeSet;

use waystage_core::id::{EventId, InterventionId, JobId, Named, ParticipantId, ParticipationId};
use waystage_core::id::{Position, Reference, Version};
use waystage_core::journey::code::GssCode;
use waystage_core::journey::correction::Amendment;
use waystage_core::journey::entry::{
    CharacteristicsRecorded, Destination, Entry, Marked, Referred, Transferred,
};
use waystage_core::journey::evidence::{
    BenefitObserved, Consent, EmploymentVerified, Evidence, Method,
};
use waystage_core::journey::support::{Delivery, Intervention, Support};
use waystage_core::journey::{Fact, Kind, Record, Recorded, Sourced};
use waystage_core::scenario::Condition::{self, *};
use waystage_core::scenario::{Scenario, Selector};
use waystage_core::time::Timestamp;

use super::amended;

const PERSON: ParticipantId = ParticipantId::from_bytes([5; 16]);

fn participation(number: u8) -> Named<ParticipationId> {
    Named::new(ParticipationId::from_bytes([number; 16]), format!("PT-{number}"))
}

fn area(code: &str) -> GssCode {
    GssCode::parse(code).unwrap()
}

fn referred(number: u8, programme: &str, provider: &str, group: &str, code: &str) -> Fact {
    let day = "2020-01-06".parse().unwrap();
    let mut referred = Referred::to(programme, participation(number), day, area(code));
    provider.clone_into(&mut referred.provider);
    referred.group = Some(group.to_owned());
    Fact::Entry(Entry::Referred(referred))
}

fn verified() -> Fact {
    let [covers_from, covers_to] = ["2020-05-02", "2020-05-30"].map(|day| day.parse().unwrap());
    let (job, method) = (JobId::from_bytes([4; 16]), Method::EmployerCall);
    let fact = EmploymentVerified { job, method, covers_from, covers_to };
    Fact::Evidence(Evidence::EmploymentVerified(fact))
}

fn drew(benefit: &str) -> Fact {
    let observed_from = "2020-05-02".parse().unwrap();
    let benefit = benefit.to_owned();
    Fact::Evidence(Evidence::BenefitObserved(BenefitObserved {
        benefit,
        observed_from,
        observed_to: None,
    }))
}

fn consented(purpose: &str) -> Fact {
    let consent = Consent { purpose: purpose.to_owned(), method: None };
    Fact::Evidence(Evidence::ConsentRecorded(consent))
}

fn history() -> Vec<Recorded> {
    let started = |number| Fact::Entry(Entry::Started(Marked::of(participation(number).id)));
    let offered = Fact::Support(Support::InterventionStarted(Intervention {
        participation: participation(2).id,
        intervention: Named::new(InterventionId::from_bytes([3; 16]), "IV-1"),
        category: "skills".to_owned(),
        delivery: Delivery::InHouse,
        provider: Some("alpha".to_owned()),
    }));
    let moved = Fact::Entry(Entry::Transferred(Transferred {
        participation: participation(2).id,
        to: Destination::Provider("alpha".to_owned()),
    }));
    let known = Fact::Entry(Entry::CharacteristicsRecorded(CharacteristicsRecorded {
        participant_ref: "P-5".into(),
        birth_year: 1980,
        sex: None,
        qualification: None,
        local_authority: area("E08000001"),
    }));
    let facts = [
        ("ch", "2020-01-01", known),
        ("r1", "2020-01-02", referred(1, "one", "alpha", "esa", "E08000001")),
        ("s1", "2020-01-10", started(1)),
        ("r2", "2020-02-02", referred(2, "two", "beta", "jsa", "E08000002")),
        ("s2", "2020-02-10", started(2)),
        ("iv", "2020-03-01", offered),
        ("tr", "2020-04-01", moved),
    ];
    let mut all: Vec<Recorded> = (0_u8..)
        .zip(facts)
        .map(|(number, (name, on, fact))| recorded(number, name, on, fact))
        .collect();
    // the view of nobody: conditions read the referral as recorded, not as amended
    let beta = amended(all[1].id, Amendment::Provider("beta".to_owned()));
    all.push(recorded(7, "am", "2020-05-01", beta));
    all
}

fn recorded(number: u8, name: &str, on: &str, fact: Fact) -> Recorded {
    let on = on.parse().unwrap();
    let told = Timestamp::midnight(on).moved(10);
    Recorded {
        position: Position::new(u64::from(number) + 1).unwrap(),
        version: Version::new(u64::from(number) + 1).unwrap(),
        participant: PERSON,
        id: EventId::from_bytes([number; 16]),
        on,
        recorded_at: told,
        reported_at: Some(told),
        actor: "clerk".into(),
        sourced: Some(Sourced { source: "source".into(), reference: name.into() }),
        correlation: None,
        causation: None,
        record: Record::Fact(fact),
    }
}

fn picked(conditions: Vec<Condition>) -> String {
    picked_of(&history(), conditions)
}

fn picked_of(stream: &[Recorded], conditions: Vec<Condition>) -> String {
    let scenario = Scenario::without("some", Selector::of(conditions));
    let away = scenario.away(PERSON, stream);
    let names = stream.iter().filter(|event| away.contains(&event.id)).map(Recorded::label);
    let touched = scenario.touches(PERSON, stream, &BTreeSet::new());
    assert_eq!(touched, !away.is_empty());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn each_condition_picks_what_it_says() {
    let day = |text: &str| text.parse().ok();
    let instant = |text: &str| text.parse().ok();
    let references = |names: &[&str]| names.iter().map(Reference::from).collect();
    let text = |text: &str| [text.to_owned()].into();
    let second = EventId::from_bytes([2; 16]);
    for (condition, expected) in [
        (Events([second].into()), "s1"),
        (References(references(&["s2", "iv", "none"])), "s2 iv"),
        (Kinds([Kind::Started, Kind::FactAmended].into()), "s1 s2 am"),
        (On { from: day("2020-02-02"), until: day("2020-02-10") }, "r2 s2"),
        (On { from: day("2020-04-01"), until: None }, "tr am"),
        (Reported { from: None, until: instant("2020-01-12T00:00:00Z") }, "ch r1"),
        (Reported { from: None, until: instant("2020-01-11T23:59:59Z") }, "ch"),
        (Participants([PERSON].into()), "ch r1 s1 r2 s2 iv tr am"),
        (Participants([ParticipantId::LOG].into()), ""),
        (ParticipantReferences(references(&["P-5"])), "ch r1 s1 r2 s2 iv tr am"),
        (ParticipantReferences(references(&["P-6"])), ""),
        (Participations(references(&["PT-2"])), "r2 s2 iv tr"),
        (Programmes(["one".into()].into()), "r1 s1"),
        (Areas([area("E08000002")].into()), "r2 s2 iv tr"),
        (Groups(text("esa")), "r1 s1"),
        (Providers(text("alpha")), "r1 s1 iv"),
        (Providers(text("beta")), "r2 s2 iv tr"),
        (EverReferredTo(text("alpha")), "ch r1 s1 r2 s2 iv tr am"),
        (EverReferredTo(text("gamma")), ""),
    ] {
        assert_eq!(picked(vec![condition.clone()]), expected, "{condition:?}");
    }
}

#[test]
fn conditions_have_to_be_met_together_and_none_picks_every_fact() {
    let beta = Providers(["beta".to_owned()].into());
    let starts = Kinds([Kind::Started].into());
    assert_eq!(picked(vec![beta, starts]), "s2");
    assert_eq!(picked(Vec::new()), "ch r1 s1 r2 s2 iv tr am");
}

#[test]
fn evidence_is_picked_by_its_method_and_by_what_was_never_recorded_of_the_person() {
    let text = |text: &str| [text.to_owned()].into();
    let call = || Methods([Method::EmployerCall, Method::EmployerLetter].into());
    let unclaimed = || NeverOn(["esa", "jsa"].map(str::to_owned).into());
    let unasked = || NeverConsentedTo(text("employer_contact"));
    let with = |facts: &[(&str, Fact)]| {
        let more = (20..).zip(facts);
        let more =
            more.map(|(place, (name, fact))| recorded(place, name, "2020-06-01", fact.clone()));
        history().into_iter().chain(more).collect::<Vec<_>>()
    };
    let verified = ("ev", verified());
    let all = || vec![call(), unclaimed(), unasked()];

    let stream = with(std::slice::from_ref(&verified));
    assert_eq!(picked_of(&stream, vec![call()]), "ev");
    assert_eq!(picked_of(&stream, vec![Methods([Method::Payslip].into())]), "");
    assert_eq!(picked_of(&stream, all()), "ev");
    // another benefit, and consent for something else, are not what is asked about
    let stream = with(&[verified.clone(), ("be", drew("pip")), ("co", consented("research"))]);
    assert_eq!(picked_of(&stream, all()), "ev");
    // any one of the benefits, or the consent, whenever it was recorded
    let stream = with(&[verified.clone(), ("be", drew("jsa"))]);
    assert_eq!(picked_of(&stream, all()), "");
    assert_eq!(picked_of(&stream, vec![call(), unasked()]), "ev");
    let stream = with(&[verified, ("co", consented("employer_contact"))]);
    assert_eq!(picked_of(&stream, all()), "");
    assert_eq!(picked_of(&stream, vec![call(), unclaimed()]), "ev");
}

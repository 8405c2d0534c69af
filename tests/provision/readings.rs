//! The readings on one participation: milestones, standards, gates, limits, scores, claims, fees.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use waystage_core::id::{EventId, Position};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::Marked;
use waystage_core::journey::support::{Appointment, ContactMade, Support};
use waystage_core::programme::{Adopted, Adoption, Adoptions, Milestone, Programme};
use waystage_core::readings::{Case, ClaimReading, StandardAnswer, Travelled};
use waystage_core::replayed::Lens;
use waystage_core::rules::Answer;
use waystage_core::time::Timestamp;
use waystage_programmes::read_pack;
use waystage_replay::Replay;
use waystage_store::naming;

use crate::{LATE, day, engine, of, taken, view, world};

use StandardAnswer::{Late, Met, Missing, NotDue, Open, Unknown};

fn label(case: &Case<'_>, event: EventId) -> String {
    let mut facts = case.journey.facts.iter().map(|(_, seen)| &*seen.recorded);
    facts.find(|recorded| recorded.id == event).unwrap().label()
}

#[test]
fn milestones_are_the_first_days() {
    let milestones = |as_of: &str| {
        of("PA", as_of, |case| {
            let all = Milestone::ALL.iter();
            let reached = all.filter_map(|each| Some((each.as_str(), case.milestone(*each)?)));
            reached.collect::<BTreeMap<&str, NaiveDate>>()
        })
    };
    let expected = [
        ("received", "2024-05-03"),
        ("referred", "2024-05-03"),
        ("acknowledged", "2024-05-08"),
        ("started", "2024-05-13"),
        ("key_worker", "2024-05-13"),
        ("diagnostic", "2024-05-13"), // the first answer of two assessments
        ("action_plan", "2024-05-23"),
        ("better_off", "2024-05-24"),
        ("job_started", "2024-06-10"),
    ];
    let expected: BTreeMap<&str, NaiveDate> =
        expected.into_iter().map(|(name, on)| (name, day(on))).collect();
    assert_eq!(milestones(LATE), expected);
    assert_eq!(milestones("2024-05-07").len(), 2, "later days are not seen");
    // a job before the start is no milestone, and an end without a start is one
    assert_eq!(of("PB", LATE, |case| case.milestone(Milestone::JobStarted)), None);
    assert_eq!(of("PB", LATE, |case| case.milestone(Milestone::Ended)), Some(day("2024-05-13")));
}

#[test]
fn contact_appointments_and_in_work_support_are_milestones_too() {
    let engine = taken();
    let source = "t".into();
    let person = naming::participant(&source, "G");
    let participation = naming::participation(&source, "PG").id;
    let said = |fact: Support| waystage_core::journey::Fact::Support(fact);
    let contact = ContactMade { participation, channel: "telephone".to_owned(), purpose: None };
    let attended = Appointment { participation, purpose: "first".to_owned(), note: None };
    let support = Employment::InWorkSupportStarted(Marked::of(participation));
    let facts = [
        ("2024-08-07", said(Support::AppointmentAttended(attended))),
        ("2024-08-06", said(Support::ContactMade(contact))),
        ("2024-08-08", waystage_core::journey::Fact::Employment(support)),
    ];
    let facts = facts.map(|(on, fact)| engine.fact(day(on), "worker", fact));
    engine.record(person, facts.into()).unwrap();
    let lens = engine.lens(view(LATE)).unwrap();
    engine
        .replay(&lens)
        .one(person, |replayed| {
            let case = Case::all(replayed).next().unwrap();
            // an appointment that was attended is a contact as well; the call came first
            assert_eq!(case.milestone(Milestone::Contact), Some(day("2024-08-06")));
            assert_eq!(case.milestone(Milestone::Appointment), Some(day("2024-08-07")));
            assert_eq!(case.milestone(Milestone::InWorkSupport), Some(day("2024-08-08")));
        })
        .unwrap();
}

/// Returns what one standard reads: the answer and the last day.
fn standard(participation: &str, as_of: &str, id: &str) -> (StandardAnswer, Option<NaiveDate>) {
    of(participation, as_of, |case| {
        let reading = case.standards().find(|reading| reading.standard == id).unwrap();
        (reading.answer, reading.due)
    })
}

#[test]
fn two_working_days_after_a_friday_before_a_bank_holiday_end_on_wednesday() {
    // 3 May 2024 is a Friday and day 0; Monday 6 May is a bank holiday; Tuesday is day 1
    let due = Some(day("2024-05-08"));
    for (participation, as_of, answer) in [
        ("PA", "2024-05-07", Open),
        ("PA", "2024-05-08", Met),
        ("PA", LATE, Met),
        ("PB", "2024-05-08", Open), // the last day is not over
        ("PB", "2024-05-09", Late),
        ("PB", LATE, Late), // closed since, late all the same
        ("PD", LATE, Met),  // received on the holiday itself: Tuesday is day 1 again
    ] {
        let read = standard(participation, as_of, "acknowledge");
        assert_eq!(read, (answer, due), "{participation} {as_of}");
    }
}

#[test]
fn what_was_not_done_is_open_and_then_missing_whoever_left() {
    for (participation, as_of, id, answer, due) in [
        // Friday 15 December 2023: Monday is day 1, Tuesday day 2
        ("PC", "2023-12-19", "acknowledge", Open, Some("2023-12-19")),
        ("PC", "2023-12-20", "acknowledge", Missing, Some("2023-12-19")),
        // Monday 30 September: Wednesday
        ("PH", LATE, "acknowledge", Open, Some("2024-10-02")),
        // ten days after the start, the start being day 0
        ("PA", LATE, "plan", Met, Some("2024-05-23")),
        ("PE", LATE, "plan", Late, Some("2024-04-25")),
        ("PD", LATE, "plan", Missing, Some("2024-06-13")),
        ("PD", "2024-06-13", "plan", Open, Some("2024-06-13")),
        // ended two months after it was due
        ("PF", LATE, "plan", Missing, Some("2024-03-14")),
        // ended five days before it was due, and nothing was agreed until then
        ("PG", "2024-08-09", "plan", Open, Some("2024-08-15")),
        ("PG", LATE, "plan", Missing, Some("2024-08-15")),
        // never started, so nothing to count from
        ("PB", LATE, "plan", NotDue, None),
        ("PC", LATE, "plan", NotDue, None),
    ] {
        let read = standard(participation, as_of, id);
        assert_eq!(read, (answer, due.map(day)), "{participation} {as_of} {id}");
    }
}

/// Reads with the pack alone, without tables, changed in some way.
fn with_pack<T: Send>(
    participation: &str,
    change: impl Fn(&mut Programme),
    look: impl Fn(&Case<'_>) -> T + Sync,
) -> T {
    let mut programme = read_pack("example.toml", world::PACK).unwrap();
    change(&mut programme);
    let adoption = Adoption {
        position: Position::FIRST,
        recorded_at: Timestamp::MIN,
        digest: String::new(),
        adopted: Adopted::Programme(programme),
    };
    let lens = Lens::new(view(LATE), Arc::new(Adoptions::new(vec![adoption])));
    let looked = Replay::new(engine().reader(), &lens).each(|replayed| {
        let mut cases = Case::all(replayed);
        let found = cases.find(|case| case.participation.reference.as_str() == participation);
        found.map(|case| look(&case))
    });
    looked.unwrap().into_iter().flatten().next().unwrap()
}

#[test]
fn working_days_without_their_calendar_are_unknown_and_days_are_not() {
    let read = with_pack(
        "PA",
        |_| {},
        |case| case.standards().map(|reading| reading.answer).collect::<Vec<_>>(),
    );
    assert_eq!(read, [Unknown, Met]);
    let early =
        with_pack("PA", |_| {}, |case| (case.claims()[0].earliest, case.claims()[0].is_early));
    assert_eq!(early, (None, false));
}

/// Returns what every gate reads, as letters: m met, n not met, y not yet, u unknown.
fn gates(participation: &str, as_of: &str) -> String {
    of(participation, as_of, |case| {
        let letters = case.gates().map(|reading| match reading.answer {
            Answer::Met => 'm',
            Answer::NotMet => 'n',
            Answer::NotYet => 'y',
            Answer::Unknown => 'u',
        });
        letters.collect()
    })
}

#[test]
fn gates_answer_in_four_ways() {
    // in-time, area, group, age, out-of-work, benefit, never, alone, assessed
    for (participation, letters) in [
        ("PA", "mmmmmmmmm"),
        // outside the areas; mandated where the group is voluntary; 17 or 18; in work on the day;
        // no benefit observed is no "no"; assessed ineligible
        ("PB", "mnnunummn"),
        // before the first day of referrals; no group; 12 or 13; nobody assessed yet
        ("PC", "nmunmummy"),
        // the group was closed on 1 May; started the other programme before, and was on it when
        // referred; started without an assessment
        ("PD", "mmnmmunnu"),
        // a group that the pack does not name; 73 or 74; came back to the other programme since
        ("PE", "mmnnmunnu"),
        ("PF", "mmmmmummu"),
        // 64 or 65
        ("PG", "mmmumummu"),
        // a group that is named and of which nothing is said; the benefit ended the day before
        ("PH", "mmummummy"),
    ] {
        assert_eq!(gates(participation, LATE), letters, "{participation}");
    }
    // on the last of June E has not come back to the other programme
    assert_eq!(gates("PE", "2024-06-30"), "mmnnmunmu");
    assert_eq!(gates("PE", "2024-07-01"), "mmnnmunnu");
}

#[test]
fn a_group_is_unknown_where_the_pack_names_none() {
    let clear = |programme: &mut Programme| {
        programme.groups.clear();
        programme.provision.groups.clear();
    };
    let read = with_pack("PA", clear, |case| {
        case.gates().find(|reading| reading.gate == "group").unwrap().answer
    });
    assert_eq!(read, Answer::Unknown);
}

#[test]
fn gates_name_the_events_that_decided() {
    for (participation, gate, because) in [
        ("PB", "area", vec!["RF-B"]),
        ("PB", "age", vec!["CL-B", "RF-B"]),
        ("PB", "out-of-work", vec!["JS-B", "RF-B"]),
        ("PB", "assessed", vec!["RF-B", "EL-B"]),
        ("PD", "never", vec!["ST-D0", "RF-D"]),
        ("PD", "alone", vec!["ST-D0", "RF-D"]),
        ("PA", "benefit", vec!["BN-A", "RF-A"]),
    ] {
        let read = of(participation, LATE, |case| {
            let reading = case.gates().find(|reading| reading.gate == gate).unwrap();
            let labels = reading.because.iter().map(|event| label(case, *event));
            labels.collect::<std::collections::BTreeSet<_>>()
        });
        let because: Vec<String> = because.into_iter().map(ToOwned::to_owned).collect();
        assert_eq!(read, because.into_iter().collect(), "{participation} {gate}");
    }
}

#[test]
fn spells_end_with_leaving_and_begin_again_with_a_return() {
    let spells = |participation: &str, as_of: &str| {
        let spells = of(participation, as_of, |case| case.spells());
        let days = spells.iter().map(|spell| format!("{} {}", spell.first(), spell.last()));
        days.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(spells("PE0", LATE), "2024-02-01 2024-03-01, 2024-07-01 2024-10-01");
    assert_eq!(spells("PE0", "2024-06-30"), "2024-02-01 2024-03-01");
    assert_eq!(spells("PF", LATE), "2024-03-04 2024-05-10");
    assert_eq!(spells("PA", LATE), "2024-05-13 2024-10-01");
    assert_eq!(spells("PB", LATE), "");
}

#[test]
fn limits_count_from_the_start_or_the_first_job_and_stop_while_paused() {
    type Reading = (Option<&'static str>, Option<&'static str>, u32);
    let cases: [(&str, &str, [Reading; 3]); 7] = [
        // 13 May + 100 days = 21 August, + 200 = 29 November; paused from 1 to 10 July: 10 days.
        // In work from 10 June, which is day 1 of 50: 29 July, paused or not
        (
            "PA",
            LATE,
            [
                (Some("2024-05-13"), Some("2024-08-31"), 10),
                (Some("2024-06-10"), Some("2024-07-29"), 0),
                (Some("2024-05-13"), Some("2024-12-09"), 10),
            ],
        ),
        // the day before the pause
        (
            "PA",
            "2024-06-30",
            [
                (Some("2024-05-13"), Some("2024-08-21"), 0),
                (Some("2024-06-10"), Some("2024-07-29"), 0),
                (Some("2024-05-13"), Some("2024-11-29"), 0),
            ],
        ),
        // while it lasts nobody can say
        (
            "PA",
            "2024-07-05",
            [
                (Some("2024-05-13"), None, 0),
                (Some("2024-06-10"), Some("2024-07-29"), 0),
                (Some("2024-05-13"), None, 0),
            ],
        ),
        // 15 April + 100 days = 24 July, before the pause of 20 September; + 200 = 1 November
        (
            "PE",
            LATE,
            [
                (Some("2024-04-15"), Some("2024-07-24"), 0),
                (None, None, 0),
                (Some("2024-04-15"), None, 0),
            ],
        ),
        // 4 March + 100 = 12 June, + 200 = 20 September; paused from 20 April and left on 10 May:
        // 20 days, because who leaves is no longer paused
        (
            "PF",
            LATE,
            [
                (Some("2024-03-04"), Some("2024-07-02"), 20),
                (None, None, 0),
                (Some("2024-03-04"), Some("2024-10-10"), 20),
            ],
        ),
        // 3 June + 100 = 11 September, + 200 = 20 December; 15 July is day 1 of 50: 2 September
        (
            "PD",
            LATE,
            [
                (Some("2024-06-03"), Some("2024-09-11"), 0),
                (Some("2024-07-15"), Some("2024-09-02"), 0),
                (Some("2024-06-03"), Some("2024-12-20"), 0),
            ],
        ),
        ("PB", LATE, [(None, None, 0); 3]),
    ];
    for (participation, as_of, expected) in cases {
        let read = of(participation, as_of, |case| {
            case.limits().map(|each| (each.first, each.last, each.paused)).collect::<Vec<_>>()
        });
        let expected =
            expected.map(|(first, last, paused)| (first.map(day), last.map(day), paused));
        assert_eq!(read, expected, "{participation} {as_of}");
    }
}

#[test]
fn scores_need_every_number_and_each_in_its_range() {
    let read = |participation: &str| {
        of(participation, LATE, |case| {
            let scores = case.scores().into_iter();
            let says = scores.map(|each| {
                let asked = each.asked.map_or("?".to_owned(), |asked| asked.to_string());
                let (name, on, score) = (each.assessment, each.on, each.score);
                format!("{name} {on} {}/{asked} {score:?} {:?}", each.answered, each.severe)
            });
            says.collect::<Vec<_>>()
        })
    };
    // 2 + 2 + 2 = 6 and no more than 6: severe; told until the day of the last answer.
    // 3 + 4 + 2 = 9; the question without numbers was left out and does not matter
    let expected =
        ["A1 2024-05-14 4/4 Some(6) Some(true)", "A2 2024-09-01 3/4 Some(9) Some(false)"];
    assert_eq!(read("PA"), expected);
    // a declined answer is an answer without a value; 9 is out of 1 to 5, and ZZ is no question;
    // an instrument that the pack does not know has no score
    let expected = [
        "E1 2024-04-15 2/4 None None",
        "E2 2024-05-15 3/4 None None",
        "E3 2024-06-15 1/? None None",
    ];
    assert_eq!(read("PE"), expected);
    // version 2 does not say what is severe
    assert_eq!(read("PF"), ["F1 2024-03-04 3/4 Some(10) None", "F2 2024-05-10 3/4 Some(8) None"]);
}

#[test]
fn distance_is_travelled_between_the_first_and_the_latest_score() {
    let travelled = |version: &str, first, latest, better_by, means_something| Travelled {
        instrument: "wellbeing".to_owned(),
        version: version.to_owned(),
        first,
        latest,
        better_by,
        means_something,
    };
    // two points mean something in version 1, where more is better; version 2 does not say
    assert_eq!(of("PA", LATE, |case| case.travelled()), [travelled("1", 6, 9, 3, Some(true))]);
    assert_eq!(of("PD", LATE, |case| case.travelled()), [travelled("1", 9, 8, -1, Some(false))]);
    assert_eq!(of("PF", LATE, |case| case.travelled()), [travelled("2", 10, 8, 2, None)]);
    assert_eq!(of("PE", LATE, |case| case.travelled()), []);
    assert_eq!(of("PA", "2024-08-31", |case| case.travelled()), [], "scored once");
}

#[test]
fn claims_may_be_too_early_one_too_many_or_without_evidence() {
    let says = |claim: &ClaimReading| {
        let early = if claim.is_early { " early" } else { "" };
        let many = if claim.is_one_too_many { " too-many" } else { "" };
        let day = |day: Option<NaiveDate>| day.map_or("-".to_owned(), |day| day.to_string());
        let (version, earliest) = (day(claim.version), day(claim.earliest));
        let (on, attempt, evidence) = (claim.submitted_on, claim.attempt, claim.evidence);
        format!(
            "{} {on} by {version} from {earliest} #{attempt} {evidence}{early}{many}",
            claim.rule
        )
    };
    let read = |participation: &str| {
        of(participation, LATE, |case| case.claims().iter().map(says).collect::<Vec<_>>())
    };
    // Monday 10 June + 5 working days = Monday 17 June. From July no wait and two attempts; the
    // third is one too many even so
    let expected = [
        "job-start 2024-06-14 by 2024-01-01 from 2024-06-17 #1 met early",
        "job-start 2024-06-20 by 2024-01-01 from 2024-06-17 #2 met too-many",
        "job-start 2024-07-05 by 2024-07-01 from - #3 met too-many",
    ];
    assert_eq!(read("PA"), expected);
    // only the participant's own word
    assert_eq!(read("PD"), ["job-start 2024-08-01 by 2024-07-01 from - #1 not_met"]);
    // the lower tier was met on 5 April, the higher on 3 May, each + 10 days; pay is no job
    let expected = [
        "earned 2024-04-10 by 2024-01-01 from 2024-04-15 #1 unknown early",
        "earned/higher 2024-05-06 by 2024-01-01 from 2024-05-13 #1 unknown early",
    ];
    assert_eq!(read("PF"), expected);
    // nothing was met, so nothing has to be waited for and nothing is covered
    assert_eq!(read("PG"), ["job-start 2024-08-09 by 2024-07-01 from - #1 unknown"]);
}

#[test]
fn fees_are_earned_by_the_version_of_the_day() {
    let read = |participation: &str| {
        of(participation, LATE, |case| {
            let says = case.earned().map(|each| {
                let tier = each.tier.map_or(String::new(), |tier| format!("/{tier}"));
                let version = each.version.map_or("-".to_owned(), |day| day.to_string());
                format!("{}{tier} {} by {version} {:?}", each.fee, each.on, each.pence)
            });
            says.collect::<Vec<_>>()
        })
    };
    let expected =
        ["start 2024-05-13 by 2024-01-01 Some(10000)", "job-start 2024-06-10 by 2024-01-01 None"];
    assert_eq!(read("PA"), expected);
    // started two days after the second version
    let expected =
        ["start 2024-06-03 by 2024-06-01 Some(12000)", "job-start 2024-07-15 by 2024-01-01 None"];
    assert_eq!(read("PD"), expected);
    // 80.00 is 8 hours at 10.00; twice that is 16 hours
    let expected = [
        "start 2024-03-04 by 2024-01-01 Some(10000)",
        "earned/lower 2024-04-05 by 2024-01-01 Some(50000)",
        "earned/higher 2024-05-03 by 2024-01-01 Some(90000)",
    ];
    assert_eq!(read("PF"), expected);
    assert_eq!(read("PB"), [""; 0]);
}

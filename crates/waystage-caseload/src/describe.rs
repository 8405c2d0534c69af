//! Facts in words, one sentence a kind, for people who read a case file.

use waystage_core::journey::correction::{Amendment, Correction};
use waystage_core::journey::diagnostic::Diagnostic;
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::{Destination, Entry};
use waystage_core::journey::evidence::{Evidence, StatementKind};
use waystage_core::journey::money::Money;
use waystage_core::journey::support::{Concern, Support};
use waystage_core::journey::{Fact, Journey};

/// Returns a fact in words. Jobs and participations are named as their source names them where
/// the journey knows them.
pub fn describe(fact: &Fact, journey: &Journey<'_>) -> String {
    match fact {
        Fact::Entry(fact) => entry(fact),
        Fact::Diagnostic(fact) => diagnostic(fact),
        Fact::Support(fact) => support(fact),
        Fact::Employment(fact) => employment(fact, journey),
        Fact::Evidence(fact) => evidence(fact, journey),
        Fact::Money(fact) => money(fact),
        Fact::Correction(fact) => correction(fact),
    }
}

fn noted(text: &str, note: Option<&String>) -> String {
    note.map_or_else(|| text.to_owned(), |note| format!("{text} ({})", shown(note)))
}

/// Returns open text on one line, with control characters made visible.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|each| {
            let hidden = each.is_control();
            let escaped = hidden.then(|| each.escape_default());
            escaped.into_iter().flatten().chain((!hidden).then_some(each))
        })
        .collect()
}

/// Returns pence as pounds, with separators: `£1,076,500.00`.
pub fn pounds(pence: impl Into<i128>) -> String {
    let pence = pence.into();
    let sign = if pence < 0 { "-" } else { "" };
    let (pounds, pence) = (pence.unsigned_abs() / 100, pence.unsigned_abs() % 100);
    let digits = pounds.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}£{grouped}.{pence:02}")
}

fn entry(fact: &Entry) -> String {
    match fact {
        Entry::CharacteristicsRecorded(fact) => {
            let sex = fact.sex.map_or("not stated", |sex| sex.as_str());
            let level = fact.qualification.map_or("not stated", |level| level.as_str());
            let (year, area) = (fact.birth_year, fact.local_authority);
            format!("characteristics: born {year}, sex {sex}, qualification {level}, home {area}")
        }
        Entry::Referred(fact) => {
            let group = fact.group.as_deref().unwrap_or("no group");
            let (programme, provider) = (&fact.programme, shown(&fact.provider));
            let (by, received) = (fact.participation_type, fact.received_on);
            format!(
                "referred to {programme} ({by}, {}), provider {provider}, received {received}",
                shown(group)
            )
        }
        Entry::ReferralAcknowledged(fact) => noted("referral acknowledged", fact.note.as_ref()),
        Entry::EligibilityAssessed(fact) => format!("assessed as {}", fact.decision),
        Entry::Allocated(fact) => format!("allocated to the {} arm", fact.arm),
        Entry::NotStarted(fact) => noted("did not start", fact.note.as_ref()),
        Entry::Started(fact) => noted("started", fact.note.as_ref()),
        Entry::Rejoined(fact) => noted("rejoined", fact.note.as_ref()),
        Entry::GroupChanged(fact) => format!("group changed to {}", shown(&fact.group)),
        Entry::Transferred(fact) => match &fact.to {
            Destination::Provider(provider) => format!("moved to provider {}", shown(provider)),
            Destination::Area(area) => format!("moved to area {area}"),
        },
    }
}

fn diagnostic(fact: &Diagnostic) -> String {
    match fact {
        Diagnostic::AssessmentAnswered(fact) => {
            let answer = fact.answer.as_deref().map_or_else(|| "declined".to_owned(), shown);
            let (instrument, stage) = (shown(&fact.instrument), fact.stage);
            format!("{stage} {instrument}, {}: {answer}", shown(&fact.code))
        }
        Diagnostic::NeedIdentified(fact) => {
            format!("need: {}, severity {} of 6", shown(&fact.category), fact.severity)
        }
        Diagnostic::BetterOffCalculated(fact) => format!("better-off result: {}", fact.result),
        Diagnostic::ActionPlanAgreed(fact) => noted("action plan agreed", fact.note.as_ref()),
    }
}

fn support(fact: &Support) -> String {
    if let Some(intervention) = fact.intervention() {
        let step = match fact {
            Support::InterventionRecommended(_) => "recommended",
            Support::InterventionReferred(_) => "referred",
            Support::InterventionAccepted(_) => "accepted",
            Support::InterventionDeclined(_) => "declined",
            Support::InterventionWaitListed(_) => "wait-listed",
            Support::InterventionStarted(_) => "started",
            Support::InterventionAttended(_) => "attended",
            Support::InterventionMissed(_) => "missed",
            Support::InterventionCompleted(_) => "completed",
            _ => "withdrawn",
        };
        let (category, delivery) = (shown(&intervention.category), intervention.delivery);
        return format!("{category} ({delivery}): {step}");
    }
    match fact {
        Support::KeyWorkerAssigned(fact) => format!("key worker {}", shown(&fact.key_worker)),
        Support::ContactMade(fact) => {
            noted(&format!("contact by {}", shown(&fact.channel)), fact.purpose.as_ref())
        }
        Support::AppointmentBooked(fact) => {
            noted(&format!("{} appointment booked", shown(&fact.purpose)), fact.note.as_ref())
        }
        Support::AppointmentAttended(fact) => {
            noted(&format!("{} appointment attended", shown(&fact.purpose)), fact.note.as_ref())
        }
        Support::AppointmentMissed(fact) => {
            noted(&format!("{} appointment missed", shown(&fact.purpose)), fact.note.as_ref())
        }
        Support::QualificationAchieved(fact) => {
            noted(&format!("qualification: {}", shown(&fact.level)), fact.awarding_body.as_ref())
        }
        Support::ConcernRaised(fact) => format!("{} raised", concern(fact.concern)),
        Support::ConcernClosed(fact) => format!("{} closed", concern(fact.concern)),
        Support::Paused(fact) => noted("paused", fact.note.as_ref()),
        Support::Resumed(fact) => noted("resumed", fact.note.as_ref()),
        Support::Completed(fact) => noted("completed", fact.note.as_ref()),
        Support::Exited(fact) => noted("left", fact.note.as_ref()),
        _ => String::new(), // interventions are told above
    }
}

const fn concern(concern: Concern) -> &'static str {
    match concern {
        Concern::Safeguarding => "safeguarding concern",
        Concern::Complaint => "complaint",
    }
}

fn job_name(job: waystage_core::id::JobId, journey: &Journey<'_>) -> String {
    let known = journey.jobs.iter().find(|each| each.id == job);
    known.map_or_else(|| job.to_string(), |job| shown(job.reference.as_str()))
}

fn employment(fact: &Employment, journey: &Journey<'_>) -> String {
    match fact {
        Employment::JobStarted(fact) => {
            let (job, sector) = (shown(fact.job.reference.as_str()), fact.sector);
            let text = format!("job {job} starts: {} a week, {sector}", fact.weekly_minutes);
            noted(&text, fact.reason.as_ref())
        }
        Employment::JobChanged(fact) => {
            let job = job_name(fact.job, journey);
            let text = format!("job {job} changes to {} a week", fact.weekly_minutes);
            noted(&text, fact.reason.as_ref())
        }
        Employment::JobEnded(fact) => {
            let job = job_name(fact.job, journey);
            noted(&format!("job {job} ends, last day worked"), fact.reason.as_ref())
        }
        Employment::InWorkSupportStarted(fact) => {
            noted("in-work support starts", fact.note.as_ref())
        }
        Employment::InWorkSupportEnded(fact) => noted("in-work support ends", fact.note.as_ref()),
    }
}

fn evidence(fact: &Evidence, journey: &Journey<'_>) -> String {
    match fact {
        Evidence::EmploymentVerified(fact) => {
            let (job, method) = (job_name(fact.job, journey), fact.method);
            let (from, to) = (fact.covers_from, fact.covers_to);
            format!("job {job} verified by {method} for {from} to {to}")
        }
        Evidence::EarningsReported(fact) => {
            let gross = pounds(fact.gross_pence);
            let scheme = shown(&fact.scheme);
            let counts = if fact.qualifying { "" } else { ", does not count" };
            match fact.statement_kind {
                StatementKind::Original => format!("pay of {gross} from {scheme}{counts}"),
                StatementKind::Delta => format!("pay from {scheme} differs by {gross}{counts}"),
                StatementKind::YearToDate => {
                    format!("pay from {scheme} in the tax year so far is {gross}{counts}")
                }
            }
        }
        Evidence::BenefitObserved(fact) => {
            let to = fact.observed_to.map_or_else(String::new, |to| format!(" to {to}"));
            format!("benefit {} seen from {}{to}", shown(&fact.benefit), fact.observed_from)
        }
        Evidence::ConsentRecorded(fact) => {
            noted(&format!("consent to {}", shown(&fact.purpose)), fact.method.as_ref())
        }
        Evidence::ConsentWithdrawn(fact) => {
            noted(&format!("consent to {} withdrawn", shown(&fact.purpose)), fact.method.as_ref())
        }
    }
}

fn money(fact: &Money) -> String {
    let claim = fact.claim();
    let step = match fact {
        Money::ClaimSubmitted(_) => "submitted",
        Money::ClaimValidated(_) => "validated",
        Money::ClaimFailed(_) => "failed",
        Money::ClaimPaid(_) => "paid",
        Money::ClaimClawedBack(_) => "clawed back",
    };
    let amount =
        claim.amount_pence.map_or_else(String::new, |pence| format!(", {}", pounds(pence)));
    format!("claim for {} {step}{amount}", shown(claim.rule.as_str()))
}

fn correction(fact: &Correction) -> String {
    match fact {
        Correction::FactWithdrawn(fact) => noted("withdrawal", fact.reason.as_ref()),
        Correction::FactAmended(fact) => {
            noted(&format!("amendment: {}", amendment(&fact.amendment)), fact.reason.as_ref())
        }
    }
}

/// Returns an amendment in words.
pub(crate) fn amendment(amendment: &Amendment) -> String {
    match amendment {
        Amendment::On(day) => format!("the day is {day}"),
        Amendment::WeeklyMinutes(minutes) => format!("{minutes} a week"),
        Amendment::GrossPence(pence) => format!("gross {}", pounds(*pence)),
        Amendment::AmountPence(pence) => format!("amount {}", pounds(*pence)),
        Amendment::BirthYear(year) => format!("born {year}"),
        Amendment::Sex(sex) => format!("sex {sex}"),
        Amendment::Qualification(level) => format!("qualification {level}"),
        Amendment::LocalAuthority(area) => format!("home {area}"),
        Amendment::ReceivedOn(day) => format!("received {day}"),
        Amendment::ParticipationType(by) => format!("participation type {by}"),
        Amendment::Eligibility(decision) => decision.to_string(),
        Amendment::Arm(arm) => format!("{arm} arm"),
        Amendment::Destination(Destination::Provider(provider)) => {
            format!("to provider {}", shown(provider))
        }
        Amendment::Destination(Destination::Area(area)) => format!("to area {area}"),
        Amendment::AssessmentStage(stage) => format!("{stage} stage"),
        Amendment::Severity(severity) => format!("severity {severity} of 6"),
        Amendment::BetterOff(result) => format!("better-off result {result}"),
        Amendment::Delivery(delivery) => format!("delivery {delivery}"),
        Amendment::Sector(sector) => sector.to_string(),
        Amendment::Method(method) => format!("method {method}"),
        Amendment::CoversFrom(day) => format!("covers from {day}"),
        Amendment::CoversTo(day) => format!("covers to {day}"),
        Amendment::PeriodFrom(day) => format!("period from {day}"),
        Amendment::PeriodTo(day) => format!("period to {day}"),
        Amendment::Qualifying(counts) => {
            if *counts {
                "counts".to_owned()
            } else {
                "does not count".to_owned()
            }
        }
        Amendment::ObservedFrom(day) => format!("observed from {day}"),
        Amendment::ObservedTo(day) => format!("observed to {day}"),
        Amendment::Referrer(text) => format!("referrer {}", shown(text)),
        Amendment::Group(text) => format!("group {}", shown(text)),
        Amendment::Provider(text) => format!("provider {}", shown(text)),
        Amendment::Note(text) | Amendment::Reason(text) => format!("reason {}", shown(text)),
        Amendment::Instrument(text) => format!("instrument {}", shown(text)),
        Amendment::InstrumentVersion(text) => format!("version {}", shown(text)),
        Amendment::Code(text) => format!("question {}", shown(text)),
        Amendment::Answer(text) => format!("answer {}", shown(text)),
        Amendment::Category(text) => format!("category {}", shown(text)),
        Amendment::KeyWorker(text) => format!("key worker {}", shown(text)),
        Amendment::Scheme(text) => format!("scheme {}", shown(text)),
        Amendment::Benefit(text) => format!("benefit {}", shown(text)),
    }
}

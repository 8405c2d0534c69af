//! What a row of `corrections.csv` amends: the field by its column name in the target's file, and
//! the new value judged like the cell itself.

use waystage_core::journey::Fact;
use waystage_core::journey::correction::Amendment;
use waystage_core::journey::diagnostic::{AssessmentStage, BetterOff, Diagnostic};
use waystage_core::journey::employment::Sector;
use waystage_core::journey::entry::{
    Arm, Eligibility, Entry, ParticipationType, Qualification, Sex,
};
use waystage_core::journey::evidence::{Evidence, Method, StatementKind};
use waystage_core::journey::support::{Delivery, Support};

use super::cell::{Cell, Fault, Told};
use super::report::Code;
use super::row::destination;

/// Returns the amendment of `field` of the target, or the fault of the row: an unknown field, or a
/// value that the cell itself could not have.
pub(super) fn amendment(
    target: &Fact,
    field: &str,
    value: &str,
    told: Told,
) -> Result<Amendment, Fault> {
    let cell = Cell { column: "value", value };
    if field == "on" && !matches!(target, Fact::Correction(_)) {
        let day = cell.date()?;
        if told.written_on < day {
            return Err(cell.fault(Code::FutureDate));
        }
        return Ok(Amendment::On(day));
    }
    let judged = match target {
        Fact::Entry(entry) => of_entry(entry, field, cell),
        Fact::Diagnostic(diagnostic) => of_diagnostic(diagnostic, field, cell),
        Fact::Support(support) => of_support(support, field, cell),
        Fact::Employment(_) => of_job(field, cell),
        Fact::Evidence(evidence) => of_evidence(evidence, field, cell),
        Fact::Money(_) if field == "amount_pence" => {
            Some(cell.integer().map(Amendment::AmountPence))
        }
        Fact::Money(_) | Fact::Correction(_) => None,
    };
    let judged = judged.unwrap_or_else(|| Err(Fault::new("field", Code::UnknownField, field)))?;
    if target.can_be_amended(&judged) {
        Ok(judged)
    } else {
        Err(Fault::new("field", Code::UnknownField, field))
    }
}

type Judged = Option<Result<Amendment, Fault>>;

fn of_entry(target: &Entry, field: &str, cell: Cell<'_>) -> Judged {
    Some(match (target, field) {
        (Entry::CharacteristicsRecorded(_), "birth_year") => cell
            .between(1900, 2100)
            .map(|year| Amendment::BirthYear(u16::try_from(year).unwrap_or(u16::MAX))),
        (Entry::CharacteristicsRecorded(_), "sex") => cell.one_of(Sex::parse).map(Amendment::Sex),
        (Entry::CharacteristicsRecorded(_), "qualification") => {
            cell.one_of(Qualification::parse).map(Amendment::Qualification)
        }
        (Entry::CharacteristicsRecorded(_) | Entry::Referred(_), "local_authority") => {
            cell.gss().map(Amendment::LocalAuthority)
        }
        (Entry::Referred(_), "received_on") => cell.date().map(Amendment::ReceivedOn),
        (Entry::Referred(_), "referrer") => Ok(Amendment::Referrer(cell.text())),
        (Entry::Referred(_), "participation_type") => {
            cell.one_of(ParticipationType::parse).map(Amendment::ParticipationType)
        }
        (Entry::Referred(_), "group") => Ok(Amendment::Group(cell.text())),
        (Entry::Referred(_), "provider") => Ok(Amendment::Provider(cell.text())),
        (Entry::EligibilityAssessed(_), "detail") => {
            cell.one_of(Eligibility::parse).map(Amendment::Eligibility)
        }
        (Entry::Allocated(_), "detail") => cell.one_of(Arm::parse).map(Amendment::Arm),
        (Entry::GroupChanged(_), "detail") => Ok(Amendment::Group(cell.text())),
        (Entry::Transferred(_), "detail") => cell.one_of(destination).map(Amendment::Destination),
        (
            Entry::ReferralAcknowledged(_)
            | Entry::NotStarted(_)
            | Entry::Started(_)
            | Entry::Rejoined(_),
            "detail",
        ) => Ok(Amendment::Note(cell.text())),
        _ => return None,
    })
}

fn of_diagnostic(target: &Diagnostic, field: &str, cell: Cell<'_>) -> Judged {
    Some(match (target, field) {
        (Diagnostic::AssessmentAnswered(_), "instrument") => Ok(Amendment::Instrument(cell.text())),
        (Diagnostic::AssessmentAnswered(_), "version") => {
            Ok(Amendment::InstrumentVersion(cell.text()))
        }
        (Diagnostic::AssessmentAnswered(_), "stage") => {
            cell.one_of(AssessmentStage::parse).map(Amendment::AssessmentStage)
        }
        (Diagnostic::AssessmentAnswered(_), "code") => Ok(Amendment::Code(cell.text())),
        (Diagnostic::AssessmentAnswered(_), "value") => Ok(Amendment::Answer(cell.text())),
        (Diagnostic::NeedIdentified(_), "category") => Ok(Amendment::Category(cell.text())),
        (Diagnostic::NeedIdentified(_), "severity") => cell
            .between(0, 6)
            .map(|severity| Amendment::Severity(u8::try_from(severity).unwrap_or(u8::MAX))),
        (Diagnostic::BetterOffCalculated(_), "detail") => {
            cell.one_of(BetterOff::parse).map(Amendment::BetterOff)
        }
        (Diagnostic::ActionPlanAgreed(_), "detail") => Ok(Amendment::Note(cell.text())),
        _ => return None,
    })
}

fn of_support(target: &Support, field: &str, cell: Cell<'_>) -> Judged {
    Some(match (target, field) {
        (Support::KeyWorkerAssigned(_), "detail") => Ok(Amendment::KeyWorker(cell.text())),
        (
            Support::AppointmentBooked(_)
            | Support::AppointmentAttended(_)
            | Support::AppointmentMissed(_),
            "detail",
        ) => Ok(Amendment::Note(cell.text())),
        (
            Support::Paused(_) | Support::Resumed(_) | Support::Completed(_) | Support::Exited(_),
            "detail",
        ) => Ok(Amendment::Note(cell.text())),
        (target, field) if target.intervention().is_some() => match field {
            "category" => Ok(Amendment::Category(cell.text())),
            "delivery" => cell.one_of(Delivery::parse).map(Amendment::Delivery),
            "provider" => Ok(Amendment::Provider(cell.text())),
            _ => return None,
        },
        _ => return None,
    })
}

fn of_job(field: &str, cell: Cell<'_>) -> Judged {
    Some(match field {
        "weekly_hours" => cell.weekly_hours().map(Amendment::WeeklyMinutes),
        "sector" => cell.one_of(Sector::parse).map(Amendment::Sector),
        "reason" => Ok(Amendment::Reason(cell.text())),
        _ => return None,
    })
}

fn of_evidence(target: &Evidence, field: &str, cell: Cell<'_>) -> Judged {
    Some(match (target, field) {
        (Evidence::EmploymentVerified(_), "method") => {
            cell.one_of(Method::parse).map(Amendment::Method)
        }
        (Evidence::EmploymentVerified(_), "covers_from") => cell.date().map(Amendment::CoversFrom),
        (Evidence::EmploymentVerified(_), "covers_to") => cell.date().map(Amendment::CoversTo),
        (Evidence::EarningsReported(_), "scheme") => Ok(Amendment::Scheme(cell.text())),
        (Evidence::EarningsReported(_), "period_from") => cell.date().map(Amendment::PeriodFrom),
        (Evidence::EarningsReported(_), "period_to") => cell.date().map(Amendment::PeriodTo),
        (Evidence::EarningsReported(fact), "gross_pence") => {
            cell.integer().and_then(|pence| match pence {
                ..0 if fact.statement_kind != StatementKind::Delta => {
                    Err(cell.fault(Code::BadNumber))
                }
                pence => Ok(Amendment::GrossPence(pence)),
            })
        }
        (Evidence::EarningsReported(_), "qualifying") => cell.truth().map(Amendment::Qualifying),
        (Evidence::BenefitObserved(_), "benefit") => Ok(Amendment::Benefit(cell.text())),
        (Evidence::BenefitObserved(_), "observed_from") => cell.date().map(Amendment::ObservedFrom),
        (Evidence::BenefitObserved(_), "observed_to") => cell.date().map(Amendment::ObservedTo),
        _ => return None,
    })
}

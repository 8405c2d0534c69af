//! From cells to a fact: one function a file, its columns judged from left to right, then what
//! holds across cells. References to other rows are judged later.

use waystage_core::id::{Reference, RuleId, Source};
use waystage_core::journey::Fact;
use waystage_core::journey::diagnostic::{
    AssessmentAnswered, AssessmentStage, BetterOff, BetterOffCalculated, Diagnostic, NeedIdentified,
};
use waystage_core::journey::employment::{Employment, JobChanged, JobEnded, JobStarted, Sector};
use waystage_core::journey::entry::{
    Allocated, Arm, CharacteristicsRecorded, Destination, Eligibility, EligibilityAssessed, Entry,
    GroupChanged, Marked, ParticipationType, Qualification, Referred, Sex, Transferred,
};
use waystage_core::journey::evidence::{
    BenefitObserved, Consent, EarningsReported, EmploymentVerified, Evidence, Method, StatementKind,
};
use waystage_core::journey::money::{Claim, Money};
use waystage_core::journey::support::{
    Appointment, Concern, ConcernNoted, ContactMade, Delivery, Intervention, KeyWorkerAssigned,
    QualificationAchieved, Support,
};
use waystage_store::naming;

use super::cell::{Cell, Fault, Told};
use super::report::Code;
use super::shape::FileName;

/// The cells of one row.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    pub(super) file: FileName,
    pub(super) values: &'a [String],
    pub(super) source: &'a Source,
}

/// What a row is about: whose stream it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    Participant(String),
    Participation(String),
    Target(String),
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says {
    Fact(Fact),
    Correction(CorrectionRow),
}

/// A row of `corrections.csv`; what it amends is judged when its target is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CorrectionRow {
    pub(super) corrects: String,
    pub(super) amend: Option<(String, String)>,
    pub(super) reason: Option<String>,
}

/// A row whose cells are in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) reference: Reference,
    pub(super) on: chrono::NaiveDate,
    pub(super) told: Told,
    pub(super) about: About,
    /// The job's reference, where the file has one.
    pub(super) job: String,
    pub(super) says: Says,
}

impl<'a> Cells<'a> {
    fn at(self, column: &'static str) -> Cell<'a> {
        let place = self.file.all_columns().position(|each| each == column);
        let value = place.and_then(|at| self.values.get(at)).map_or("", String::as_str);
        Cell { column, value }
    }

    fn needed(self, column: &'static str) -> Result<Cell<'a>, Fault> {
        self.at(column).needed()
    }

    fn text(self, column: &'static str) -> Result<String, Fault> {
        self.needed(column).map(Cell::text)
    }

    fn optional_text(self, column: &'static str) -> Option<String> {
        self.at(column).optional().map(Cell::text)
    }

    /// Judges the row: each column in order, then across cells, then its date.
    pub(super) fn row(self) -> Result<Row, Fault> {
        let reference = Reference::from(self.text("ref")?);
        let on = self.needed("on")?.date()?;
        let told = self.needed("reported_at")?.told()?;
        let (about, says) = match self.file {
            FileName::Participants => self.participant(),
            FileName::Referrals => self.referral(),
            FileName::Progress => self.progress(),
            FileName::Assessments => self.assessment(),
            FileName::Needs => self.need(),
            FileName::Interventions => self.intervention(),
            FileName::Contacts => self.contact(),
            FileName::Qualifications => self.qualification(),
            FileName::Concerns => self.concern(),
            FileName::Jobs => self.job(),
            FileName::Evidence => self.verification(),
            FileName::Earnings => self.statement(),
            FileName::Benefits => self.benefit(),
            FileName::Consents => self.consent(),
            FileName::Claims => self.claim(),
            FileName::Corrections => self.correction(),
        }?;
        if told.written_on < on {
            return Err(self.at("on").fault(Code::FutureDate));
        }
        let job = self.at("job").text();
        Ok(Row { reference, on, told, about, job, says })
    }

    fn participant(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let birth_year = self.needed("birth_year")?.between(1900, 2100)?;
        let fact = CharacteristicsRecorded {
            participant_ref: Reference::from(&participant),
            birth_year: u16::try_from(birth_year).unwrap_or(u16::MAX),
            sex: optional(self.at("sex"), Sex::parse)?,
            qualification: optional(self.at("qualification"), Qualification::parse)?,
            local_authority: self.needed("local_authority")?.gss()?,
        };
        said(About::Participant(participant), Fact::Entry(Entry::CharacteristicsRecorded(fact)))
    }

    fn referral(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let fact = Referred {
            participation: naming::participation(self.source, self.needed("participation")?.value),
            programme: self.needed("programme")?.value.into(),
            received_on: self.needed("received_on")?.date()?,
            referrer: self.optional_text("referrer"),
            participation_type: self
                .needed("participation_type")?
                .one_of(ParticipationType::parse)?,
            group: self.optional_text("group"),
            provider: self.text("provider")?,
            local_authority: self.needed("local_authority")?.gss()?,
        };
        said(About::Participant(participant), Fact::Entry(Entry::Referred(fact)))
    }

    fn progress(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let participation = naming::participation(self.source, &reference).id;
        let step = self.needed("step")?;
        let detail = self.at("detail");
        let marked = || Marked { participation, note: detail.optional().map(Cell::text) };
        let fact = match step.value {
            "acknowledged" => Fact::Entry(Entry::ReferralAcknowledged(marked())),
            "not_started" => Fact::Entry(Entry::NotStarted(marked())),
            "started" => Fact::Entry(Entry::Started(marked())),
            "rejoined" => Fact::Entry(Entry::Rejoined(marked())),
            "action_plan" => Fact::Diagnostic(Diagnostic::ActionPlanAgreed(marked())),
            "paused" => Fact::Support(Support::Paused(marked())),
            "resumed" => Fact::Support(Support::Resumed(marked())),
            "completed" => Fact::Support(Support::Completed(marked())),
            "exited" => Fact::Support(Support::Exited(marked())),
            "in_work_support_started" => {
                Fact::Employment(Employment::InWorkSupportStarted(marked()))
            }
            "in_work_support_ended" => Fact::Employment(Employment::InWorkSupportEnded(marked())),
            "eligibility" => Fact::Entry(Entry::EligibilityAssessed(EligibilityAssessed {
                participation,
                decision: detail.needed()?.one_of(Eligibility::parse)?,
            })),
            "allocated" => Fact::Entry(Entry::Allocated(Allocated {
                participation,
                arm: detail.needed()?.one_of(Arm::parse)?,
            })),
            "better_off" => {
                Fact::Diagnostic(Diagnostic::BetterOffCalculated(BetterOffCalculated {
                    participation,
                    result: detail.needed()?.one_of(BetterOff::parse)?,
                }))
            }
            "key_worker" => Fact::Support(Support::KeyWorkerAssigned(KeyWorkerAssigned {
                participation,
                key_worker: detail.needed()?.text(),
            })),
            "transferred" => Fact::Entry(Entry::Transferred(Transferred {
                participation,
                to: detail.needed()?.one_of(destination)?,
            })),
            "group_changed" => Fact::Entry(Entry::GroupChanged(GroupChanged {
                participation,
                group: detail.needed()?.text(),
            })),
            _ => return Err(step.fault(Code::BadCode)),
        };
        said(About::Participation(reference), fact)
    }

    fn assessment(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let fact = AssessmentAnswered {
            participation: naming::participation(self.source, &reference).id,
            assessment: naming::assessment(self.source, self.needed("assessment")?.value),
            instrument: self.text("instrument")?,
            instrument_version: self.text("version")?,
            stage: self.needed("stage")?.one_of(AssessmentStage::parse)?,
            code: self.text("code")?,
            answer: self.optional_text("value"),
        };
        said(
            About::Participation(reference),
            Fact::Diagnostic(Diagnostic::AssessmentAnswered(fact)),
        )
    }

    fn need(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let category = self.text("category")?;
        let severity = self.needed("severity")?.between(0, 6)?;
        let fact = NeedIdentified {
            participation: naming::participation(self.source, &reference).id,
            category,
            severity: u8::try_from(severity).unwrap_or(u8::MAX),
        };
        said(About::Participation(reference), Fact::Diagnostic(Diagnostic::NeedIdentified(fact)))
    }

    fn intervention(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let fact = Intervention {
            participation: naming::participation(self.source, &reference).id,
            intervention: naming::intervention(self.source, self.needed("intervention")?.value),
            category: self.text("category")?,
            delivery: self.needed("delivery")?.one_of(Delivery::parse)?,
            provider: self.optional_text("provider"),
        };
        let step = self.needed("step")?;
        let fact = match step.value {
            "recommended" => Support::InterventionRecommended(fact),
            "referred" => Support::InterventionReferred(fact),
            "accepted" => Support::InterventionAccepted(fact),
            "declined" => Support::InterventionDeclined(fact),
            "wait_listed" => Support::InterventionWaitListed(fact),
            "started" => Support::InterventionStarted(fact),
            "attended" => Support::InterventionAttended(fact),
            "missed" => Support::InterventionMissed(fact),
            "completed" => Support::InterventionCompleted(fact),
            "withdrawn" => Support::InterventionWithdrawn(fact),
            _ => return Err(step.fault(Code::BadCode)),
        };
        said(About::Participation(reference), Fact::Support(fact))
    }

    fn contact(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let participation = naming::participation(self.source, &reference).id;
        let step = self.needed("step")?;
        let appointment = || {
            let purpose = self.text("purpose")?;
            Ok(Appointment { participation, purpose, note: self.optional_text("detail") })
        };
        let fact = match step.value {
            "made" => {
                let (channel, purpose) = (self.text("channel")?, self.optional_text("purpose"));
                Support::ContactMade(ContactMade { participation, channel, purpose })
            }
            "booked" => Support::AppointmentBooked(appointment()?),
            "attended" => Support::AppointmentAttended(appointment()?),
            "missed" => Support::AppointmentMissed(appointment()?),
            _ => return Err(step.fault(Code::BadCode)),
        };
        said(About::Participation(reference), Fact::Support(fact))
    }

    fn qualification(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let fact = QualificationAchieved {
            participation: naming::participation(self.source, &reference).id,
            level: self.text("level")?,
            awarding_body: self.optional_text("awarding_body"),
        };
        said(About::Participation(reference), Fact::Support(Support::QualificationAchieved(fact)))
    }

    fn concern(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let fact = ConcernNoted {
            participation: naming::participation(self.source, &reference).id,
            concern: self.needed("concern")?.one_of(Concern::parse)?,
        };
        let step = self.needed("step")?;
        let fact = match step.value {
            "raised" => Support::ConcernRaised(fact),
            "closed" => Support::ConcernClosed(fact),
            _ => return Err(step.fault(Code::BadCode)),
        };
        said(About::Participation(reference), Fact::Support(fact))
    }

    fn consent(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let purpose = self.text("purpose")?;
        let step = self.needed("step")?;
        let fact = Consent { purpose, method: self.optional_text("method") };
        let fact = match step.value {
            "given" => Evidence::ConsentRecorded(fact),
            "withdrawn" => Evidence::ConsentWithdrawn(fact),
            _ => return Err(step.fault(Code::BadCode)),
        };
        said(About::Participant(participant), Fact::Evidence(fact))
    }

    fn job(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let job = naming::job(self.source, &participant, self.needed("job")?.value);
        let step = self.needed("step")?;
        if !["started", "changed", "ended"].contains(&step.value) {
            return Err(step.fault(Code::BadCode));
        }
        let hours = self.at("weekly_hours");
        let given = hours.optional().map(Cell::weekly_hours).transpose()?;
        let sector = self.needed("sector")?.one_of(Sector::parse)?;
        let reason = self.optional_text("reason");
        let needed = || given.ok_or_else(|| hours.fault(Code::MissingValue));
        let fact = match step.value {
            "started" => {
                let weekly_minutes = needed()?;
                Employment::JobStarted(JobStarted { job, weekly_minutes, sector, reason })
            }
            "changed" => {
                let weekly_minutes = needed()?;
                Employment::JobChanged(JobChanged { job: job.id, weekly_minutes, sector, reason })
            }
            _ => {
                let (job, weekly_minutes) = (job.id, given);
                Employment::JobEnded(JobEnded { job, weekly_minutes, sector, reason })
            }
        };
        said(About::Participant(participant), Fact::Employment(fact))
    }

    fn verification(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let fact = EmploymentVerified {
            job: naming::job(self.source, &participant, self.needed("job")?.value).id,
            method: self.needed("method")?.one_of(Method::parse)?,
            covers_from: self.needed("covers_from")?.date()?,
            covers_to: self.needed("covers_to")?.date()?,
        };
        said(About::Participant(participant), Fact::Evidence(Evidence::EmploymentVerified(fact)))
    }

    fn statement(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let fact = EarningsReported {
            statement_kind: self.needed("statement_kind")?.one_of(StatementKind::parse)?,
            scheme: self.text("scheme")?,
            period_from: self.needed("period_from")?.date()?,
            period_to: self.needed("period_to")?.date()?,
            gross_pence: self.needed("gross_pence")?.integer()?,
            qualifying: self.needed("qualifying")?.truth()?,
        };
        if fact.gross_pence < 0 && fact.statement_kind != StatementKind::Delta {
            return Err(self.at("gross_pence").fault(Code::BadNumber));
        }
        said(About::Participant(participant), Fact::Evidence(Evidence::EarningsReported(fact)))
    }

    fn benefit(self) -> Result<(About, Says), Fault> {
        let participant = self.text("participant")?;
        let fact = BenefitObserved {
            benefit: self.text("benefit")?,
            observed_from: self.needed("observed_from")?.date()?,
            observed_to: self.at("observed_to").optional().map(Cell::date).transpose()?,
        };
        said(About::Participant(participant), Fact::Evidence(Evidence::BenefitObserved(fact)))
    }

    fn claim(self) -> Result<(About, Says), Fault> {
        let reference = self.text("participation")?;
        let rule = RuleId::from(self.needed("rule")?.value);
        let step = self.needed("step")?;
        let kind = match step.value {
            "submitted" => Money::ClaimSubmitted,
            "validated" => Money::ClaimValidated,
            "failed" => Money::ClaimFailed,
            "paid" => Money::ClaimPaid,
            "clawed_back" => Money::ClaimClawedBack,
            _ => return Err(step.fault(Code::BadCode)),
        };
        let amount_pence = self.at("amount_pence").optional().map(Cell::integer).transpose()?;
        let participation = naming::participation(self.source, &reference).id;
        let fact = kind(Claim { participation, rule, amount_pence });
        said(About::Participation(reference), Fact::Money(fact))
    }

    fn correction(self) -> Result<(About, Says), Fault> {
        let corrects = self.text("corrects")?;
        let action = self.needed("action")?;
        let amend = match action.value {
            "withdraw" => None,
            "amend" => Some((self.text("field")?, self.text("value")?)),
            _ => return Err(action.fault(Code::BadCode)),
        };
        let reason = self.optional_text("reason");
        let about = About::Target(corrects.clone());
        Ok((about, Says::Correction(CorrectionRow { corrects, amend, reason })))
    }
}

/// Reads where a participation was transferred to: `provider=X` or `area=GSS`.
pub(super) fn destination(text: &str) -> Option<Destination> {
    use waystage_core::journey::code::GssCode;
    match text.split_once('=')? {
        ("provider", provider) if !provider.is_empty() => {
            Some(Destination::Provider(provider.to_owned()))
        }
        ("area", area) => GssCode::parse(area).map(Destination::Area),
        _ => None,
    }
}

fn optional<T>(cell: Cell<'_>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
    cell.optional().map(|cell| cell.one_of(parse)).transpose()
}

#[allow(clippy::unnecessary_wraps)] // it is the last word of functions that can fail
fn said(about: About, fact: Fact) -> Result<(About, Says), Fault> {
    Ok((about, Says::Fact(fact)))
}

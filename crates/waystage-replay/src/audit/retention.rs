//! Retention: records that no duty asks for any more, and those that one duty alone still keeps.

use chrono::NaiveDate;
use waystage_core::calendar::{MonthEnd, months_after};
use waystage_core::journey::Participation;
use waystage_core::programme::Retention;

use super::finding::Cited;
use super::kind::AuditKind;
use super::now::Now;

/// Until when a duty asks that a record is kept.
enum Keeps {
    Until(NaiveDate),
    /// The participation has not ended, and the duty counts from its end.
    Open,
}

impl Now<'_> {
    /// Looks at how long the record of every participation has to be kept.
    pub(super) fn retention(&mut self) {
        let as_of = self.replayed.lens.view.as_of;
        for of in &self.replayed.journey.participations {
            let Some(programme) = self.replayed.programme(of) else { continue };
            let ended = self.open(of).last().and_then(|(_, end)| *end);
            let duties = programme.provision.retentions.iter();
            let duties: Vec<(&Retention, Keeps)> = duties
                .filter(|duty| concerns(duty, of))
                .filter_map(|duty| Some((duty, keeps(duty, ended.map(|end| end.on))?)))
                .collect();
            let holds = |keeps: &Keeps| match keeps {
                Keeps::Until(day) => as_of <= *day,
                Keeps::Open => true,
            };
            let (holding, passed): (Vec<_>, Vec<_>) =
                duties.into_iter().partition(|(_, keeps)| holds(keeps));
            let last = passed.iter().filter_map(|(duty, keeps)| match keeps {
                Keeps::Until(day) => Some((*day, *duty)),
                Keeps::Open => None,
            });
            let Some((last, duty)) = last.max_by_key(|(day, _)| *day) else { continue };
            let (kind, says, duty) = match holding.as_slice() {
                [] => {
                    let says = format!("no duty keeps the record since {last} ({})", duty.tag);
                    (AuditKind::RecordPastRetention, says, duty)
                }
                [(only, keeps)] => {
                    let until = match keeps {
                        Keeps::Until(day) => format!("until {day}"),
                        Keeps::Open => "until after the participation ends".to_owned(),
                    };
                    let says = format!("kept by {} alone, {until}", only.tag);
                    (AuditKind::RecordKeptByOneTag, says, *only)
                }
                _ => continue,
            };
            let facts = [Some(of.referred), of.started, ended];
            let events: Vec<Cited> =
                facts.into_iter().flatten().map(|step| self.fact(step.fact)).collect();
            let finding = self.about(kind, of, says).rule(duty.tag.as_str(), None);
            let source = duty.ground.reference.as_deref().or(duty.ground.assumption.as_deref());
            self.findings.push(finding.citing(events).source(source));
        }
    }
}

/// Returns whether a duty is about a participation: by the day of its start, where that matters.
fn concerns(duty: &Retention, of: &Participation) -> bool {
    match (duty.starts_from, duty.starts_until, of.started) {
        (None, None, _) => true,
        (_, _, None) => false,
        (from, until, Some(started)) => {
            from.is_none_or(|from| from <= started.on)
                && until.is_none_or(|until| started.on <= until)
        }
    }
}

fn keeps(duty: &Retention, ended: Option<NaiveDate>) -> Option<Keeps> {
    let after_end = match (duty.months_after_end, ended) {
        (Some(_), None) => return Some(Keeps::Open),
        (Some(months), Some(ended)) => Some(months_after(ended, months, MonthEnd::Clamp)),
        (None, _) => None,
    };
    duty.until.max(after_end).map(Keeps::Until)
}

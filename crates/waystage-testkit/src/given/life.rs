//! One person's life, told fact by fact with days as text. Ids follow from names, so nothing has to
//! be made up or handed around: `P1` has the participations `P1/1`, `P1/2` and the jobs `job 1`,
//! `job 2`, in the order of being told.

use std::sync::Arc;

use chrono::NaiveDate;
use waystage_core::id::{
    Actor, EventId, JobId, Named, ParticipantId, ParticipationId, ProgrammeId, Source,
};
use waystage_core::journey::code::GssCode;
use waystage_core::journey::correction::{Amendment, Correction, FactAmended, FactWithdrawn};
use waystage_core::journey::employment::Employment;
use waystage_core::journey::entry::{Entry, Referred};
use waystage_core::journey::{Fact, Record, Sourced};
use waystage_core::time::Timestamp;
use waystage_store::{NewEvent, naming};

use super::wrong;
use crate::logs::Told;

/// Where everybody lives unless it is said otherwise: Manchester.
const AREA: &str = "E08000003";

fn source() -> Source {
    Source::from("test")
}

/// Returns a person of whom nothing is told yet.
pub fn person(name: &str) -> Life {
    Life { name: name.to_owned(), sayings: Vec::new() }
}

/// Returns the participant that a name stands for.
pub fn participant(name: &str) -> ParticipantId {
    naming::participant(&source(), name)
}

/// Returns the participation of that number, from 1, of the person of a name.
pub fn participation(name: &str, number: u32) -> Named<ParticipationId> {
    naming::participation(&source(), &format!("{name}/{number}"))
}

/// Returns the job of that number, from 1, of the person of a name.
pub fn job(name: &str, number: u32) -> Named<JobId> {
    naming::job(&source(), name, &format!("job {number}"))
}

/// Reads a day that is written in a test.
#[track_caller]
pub(crate) fn day(text: &str) -> NaiveDate {
    let Ok(day) = text.parse() else {
        wrong(&format!("{text:?} is not a day: write it like 2021-03-01"));
    };
    day
}

pub(crate) fn noon(day: NaiveDate) -> Timestamp {
    let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
    Timestamp::from_micros(noon.and_utc().timestamp_micros())
}

/// What is told of one person, in the order of being told.
#[derive(Clone)]
#[must_use = "a life does nothing until it is given or recorded"]
pub struct Life {
    pub(crate) name: String,
    sayings: Vec<Saying>,
}

/// What a saying makes of what was told before: a fact, or why there is none.
type Says = Arc<dyn Fn(&Spoken) -> Result<Fact, &'static str> + Send + Sync>;

#[derive(Clone)]
struct Saying {
    on: NaiveDate,
    told: Option<NaiveDate>,
    called: Option<String>,
    is_direct: bool,
    says: Says,
}

/// What was told of a person so far: what the next fact may be about.
pub(crate) struct Spoken {
    name: String,
    facts: usize,
    participations: u32,
    jobs: u32,
    last: Option<EventId>,
    last_fact: Option<EventId>,
}

impl Spoken {
    /// Returns the latest participation, or the first where none was referred yet.
    pub(super) fn participation(&self) -> ParticipationId {
        participation(&self.name, self.participations.max(1)).id
    }

    /// Returns the latest job, or the first where none was started yet.
    pub(super) fn job(&self) -> JobId {
        job(&self.name, self.jobs.max(1)).id
    }

    pub(super) fn next_job(&self) -> Named<JobId> {
        job(&self.name, self.jobs + 1)
    }
}

impl std::fmt::Debug for Life {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Life of {} in {} facts", self.name, self.sayings.len())
    }
}

impl Life {
    /// Says any fact that happened on a day. Ids for it come from [`participation`] and [`job`].
    #[track_caller]
    pub fn fact(self, on: &str, fact: impl Into<Fact>) -> Self {
        let fact = fact.into();
        self.say(day(on), move |_| Ok(fact.clone()))
    }

    pub(super) fn say(
        mut self,
        on: NaiveDate,
        says: impl Fn(&Spoken) -> Result<Fact, &'static str> + Send + Sync + 'static,
    ) -> Self {
        let says = Arc::new(says);
        self.sayings.push(Saying { on, told: None, called: None, is_direct: false, says });
        self
    }

    /// Says when the fact before was told: at noon of this day, and not of its own.
    #[track_caller]
    pub fn told(mut self, on: &str) -> Self {
        let told = day(on);
        self.latest("told").told = Some(told);
        self
    }

    /// Says what the source calls the fact before. Sent again under that name it is a duplicate.
    #[track_caller]
    pub fn called(mut self, reference: &str) -> Self {
        self.latest("called").called = Some(reference.to_owned());
        self
    }

    /// Says that no source supplied the fact before: somebody recorded it directly.
    #[track_caller]
    pub fn directly(mut self) -> Self {
        self.latest("directly").is_direct = true;
        self
    }

    /// Changes the fact before, for whatever has no words of its own here.
    #[track_caller]
    pub fn with(mut self, change: impl Fn(&mut Fact) + Send + Sync + 'static) -> Self {
        let saying = self.latest("with");
        let says = Arc::clone(&saying.says);
        saying.says = Arc::new(move |spoken| {
            let mut fact = says(spoken)?;
            change(&mut fact);
            Ok(fact)
        });
        self
    }

    #[track_caller]
    fn latest(&mut self, word: &str) -> &mut Saying {
        let Some(latest) = self.sayings.last_mut() else {
            wrong(&format!("`{word}` is about the fact before it, and there is none"));
        };
        latest
    }

    /// Refers the person to a programme; what follows is about this participation.
    #[track_caller]
    pub fn referred(self, on: &str, programme: &str) -> Self {
        let (on, programme) = (day(on), ProgrammeId::from(programme));
        self.say(on, move |spoken| {
            let opened = participation(&spoken.name, spoken.participations + 1);
            let area = GssCode::parse(AREA).ok_or("the area is no code")?;
            Ok(Entry::Referred(Referred::to(programme.clone(), opened, on, area)).into())
        })
    }

    /// Names the provider of the referral before.
    #[track_caller]
    pub fn to_provider(self, provider: &str) -> Self {
        let provider = provider.to_owned();
        self.referral(move |referred| referred.provider.clone_from(&provider))
    }

    /// Names the client group of the referral before.
    #[track_caller]
    pub fn in_group(self, group: &str) -> Self {
        let group = group.to_owned();
        self.referral(move |referred| referred.group = Some(group.clone()))
    }

    /// Names the authority of the home at the referral before, by its code.
    #[track_caller]
    pub fn in_area(self, code: &str) -> Self {
        let Some(area) = GssCode::parse(code) else {
            wrong(&format!("{code:?} is no area: write a code like {AREA}"));
        };
        self.referral(move |referred| referred.local_authority = area)
    }

    #[track_caller]
    fn referral(self, change: impl Fn(&mut Referred) + Send + Sync + 'static) -> Self {
        self.with(move |fact| {
            if let Fact::Entry(Entry::Referred(referred)) = fact {
                change(referred);
            }
        })
    }

    /// Takes back what was said before, be it a fact or a correction, on a day.
    #[track_caller]
    pub fn withdrawn(self, on: &str) -> Self {
        self.say(day(on), |spoken| {
            let corrects = spoken.last.ok_or("there is nothing before it to withdraw")?;
            Ok(Correction::FactWithdrawn(FactWithdrawn { corrects, reason: None }).into())
        })
    }

    /// Amends the fact before (corrections are passed over) on a day.
    #[track_caller]
    pub fn amended(self, on: &str, amendment: Amendment) -> Self {
        self.say(day(on), move |spoken| {
            let corrects = spoken.last_fact.ok_or("there is no fact before it to amend")?;
            let amendment = amendment.clone();
            Ok(Correction::FactAmended(FactAmended { corrects, amendment, reason: None }).into())
        })
    }

    /// Adds what is told later of the same person.
    pub(super) fn and(mut self, later: Self) -> Self {
        self.sayings.extend(later.sayings);
        self
    }

    /// Returns how many facts are told.
    pub(super) fn len(&self) -> usize {
        self.sayings.len()
    }

    /// Returns the events of the life, or what is wrong with it.
    pub(super) fn events(&self) -> Result<Vec<Told>, String> {
        let mut spoken = Spoken {
            name: self.name.clone(),
            facts: 0,
            participations: 0,
            jobs: 0,
            last: None,
            last_fact: None,
        };
        self.sayings.iter().map(|saying| self.event(saying, &mut spoken)).collect()
    }

    fn event(&self, saying: &Saying, spoken: &mut Spoken) -> Result<Told, String> {
        spoken.facts += 1;
        let numbered = format!("{}-{:03}", self.name, spoken.facts);
        let reference = saying.called.clone().unwrap_or(numbered);
        let fact = (saying.says)(spoken).map_err(|says| format!("{reference}: {says}"))?;
        let told = noon(saying.told.unwrap_or(saying.on));
        let sourced = Sourced { source: source(), reference: reference.into() };
        let id = naming::event(&sourced, told);
        spoken.participations += u32::from(matches!(fact, Fact::Entry(Entry::Referred(_))));
        let is_job = matches!(fact, Fact::Employment(Employment::JobStarted(_)));
        spoken.jobs += u32::from(is_job);
        spoken.last = Some(id);
        if !fact.kind().is_correction() {
            spoken.last_fact = Some(id);
        }
        let event = NewEvent {
            id,
            on: saying.on,
            reported_at: (!saying.is_direct).then_some(told),
            actor: Actor::from("test"),
            sourced: (!saying.is_direct).then_some(sourced),
            correlation: None,
            causation: None,
            record: Record::Fact(fact),
        };
        Ok((participant(&self.name), event))
    }
}

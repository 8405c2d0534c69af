//! Planted faults, one for each promise of an explanation, so that the promises are known to bite.

use std::sync::atomic::{AtomicI64, Ordering};

use waystage_core::contribution::Contributions;
use waystage_core::replayed::{Lens, Replayed};
use waystage_core::rules::account::{Account, Attempted, LookedAt, Verdict};
use waystage_core::table::{Cell, Model, Table, measure};
use waystage_replay::{Figure, Replay, Role};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{far_end, worlds};

use crate::accounts::each_account;
use crate::holds;

/// Changes one number of an account by the least that could matter; none where it has none.
fn changed(account: &Account) -> Option<Account> {
    let mut account = account.clone();
    match &mut account.looked {
        LookedAt::Earnings(earnings) => earnings.tested.as_mut()?.least_pence = -1,
        LookedAt::SelfEmployedDays(days) => days.reached_on = None,
        LookedAt::JobStart(job) => job.jobs.clear(),
        LookedAt::StatusAtPoint(Some(status)) => status.worked_on = None,
        LookedAt::Attempts(attempts) => {
            for attempt in &mut attempts.attempts {
                match &mut attempt.attempted {
                    Attempted::Weeks(weeks) => weeks.counted -= weeks.counted.min(1),
                    Attempted::Continuous(work) => work.to_come = 1,
                }
            }
        }
        LookedAt::NotStarted { .. }
        | LookedAt::NoVersion
        | LookedAt::NoTerms
        | LookedAt::StatusAtPoint(None) => return None,
    }
    Some(account)
}

#[test]
fn a_verdict_comes_from_the_numbers_and_from_nothing_else() {
    let tried = std::cell::Cell::new(0);
    holds(100, &worlds(), |world| {
        each_account(&world, far_end(waystage_core::view::Basis::Recorded), |_, _, account| {
            if let (Verdict::Met { .. }, Some(changed)) = (account.verdict(), changed(account)) {
                assert!(!matches!(changed.verdict(), Verdict::Met { .. }), "{}", account.says());
                tried.set(tried.get() + 1);
            }
            Ok(())
        })
    });
    assert!(tried.get() > 100, "{} readings of met", tried.get());
}

/// A model with a planted fault: what it says of somebody depends on whom it saw before.
struct Remembers(AtomicI64);

impl Model for Remembers {
    fn name(&self) -> &'static str {
        "remembers"
    }
    fn version(&self) -> u32 {
        1
    }
    fn tables(&self) -> Vec<Table> {
        vec![Table::new("remembers", "All.").measure(measure("seen", "Looks."))]
    }
    fn contribute(&self, _: &Replayed<'_>) -> Contributions<Cell> {
        let seen = self.0.fetch_add(1, Ordering::Relaxed);
        Contributions::of([(Cell::of(0, Vec::new(), 0), seen + 1)])
    }
    fn due(&self, _: &Replayed<'_>) -> Option<chrono::NaiveDate> {
        None
    }
}

/// Of a model that never says the same twice no event can be left out: none is said to be idle that
/// might not be.
#[test]
fn of_a_model_that_remembers_every_event_gives_the_part() {
    holds(20, &worlds(), |world| {
        let store = recorded(&world.events)?;
        let view = far_end(waystage_core::view::Basis::Reported);
        let lens = Lens::new(view, world.adoptions.clone().into());
        let remembers = Remembers(AtomicI64::new(0));
        let figure = Figure::parse("remembers.seen", &remembers.tables()).unwrap();
        let explained = Replay::new(&store, &lens).explain(&remembers, &figure).unwrap();
        for behind in &explained.behind {
            let of = behind.part.participant;
            let all = world.events.iter().filter(|(participant, _)| *participant == of).count();
            let gives = behind.events.iter().filter(|event| event.roles.contains(&Role::Gives));
            assert_eq!(gives.count(), all);
        }
        Ok(())
    });
}

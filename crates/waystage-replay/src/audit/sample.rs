//! A sample of claims, the same for everybody who has the log and the seed, and what follows from
//! it for all claims of its population. Everything is exact: whole numbers, fractions, no rounding
//! but of the one amount that is said to be rounded.

mod extrapolated;
mod interval;
mod natural;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use waystage_core::id::{EventId, ProgrammeId, RuleId};
use waystage_store::sha256;

pub use extrapolated::Extrapolated;
pub use interval::{Interval, interval};
pub use natural::Natural;

use super::{AuditKind, Audited, AuditedClaim};

/// How the sample is drawn and what is made of it, with the conditions under which that holds.
pub const METHOD: &str = "within each programme and rule, in proportion to their claims, the claims \
     with the lowest SHA-256 of seed and claim id are drawn; the interval is Clopper and \
     Pearson's for a finite population, by exact inversion of the hypergeometric distribution: at \
     least 95 of 100 samples drawn at random without regard to programme and rule give one that \
     holds the true number, and proportional strata are expected to do no worse; the value is \
     that of the errors of each programme and rule, times its claims, over those drawn, added up \
     exactly and rounded once to a penny, halves to the even one";

/// Which claims are drawn from, how many, and by which seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many are to be drawn; all where there are no more.
    pub size: u64,
    /// The seed: any text without line breaks.
    pub seed: String,
    /// The first day of claims that are drawn from.
    pub from: Option<NaiveDate>,
    /// The last day of claims that are drawn from.
    pub until: Option<NaiveDate>,
}

/// A claim that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The claim.
    pub claim: AuditedClaim,
    /// Whether it is in error: not supported now, or named by a finding on which money hangs.
    pub in_error: bool,
    /// Which kinds of finding put it in error, beside not being supported now.
    pub kinds: BTreeSet<AuditKind>,
}

/// The claims of one programme and rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stratum {
    /// The programme.
    pub programme: ProgrammeId,
    /// The rule, as claims name it.
    pub rule: RuleId,
    /// How many claims there are.
    pub population: u64,
    /// What was claimed by all of them, in pence.
    pub claimed_pence: i128,
    /// The claims that were drawn, by the order of drawing.
    pub items: Vec<Item>,
}

/// What a sample says of its population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Claims in the population.
    pub population: u64,
    /// Claims drawn.
    pub sampled: u64,
    /// Claims drawn that are in error: over those drawn they are the error rate.
    pub errors: u64,
    /// How many of the population are in error, at 95 %.
    pub interval: Interval,
    /// The amounts of the errors drawn, in pence.
    pub error_pence: i128,
    /// What all errors of the population are worth.
    pub extrapolated: Extrapolated,
    /// The smallest amount that the least number of errors can have: those drawn and the smallest
    /// of the rest.
    pub least_pence: i128,
    /// The largest amount that the greatest number of errors can have: those drawn and the largest
    /// of the rest.
    pub most_pence: i128,
    /// Claims of the population that state no amount; they count as nothing.
    pub without_amount: u64,
    /// Claims of programmes and rules of which none was drawn: the extrapolated value is without
    /// them.
    pub beyond_the_sample: u64,
}

/// A sample of claims and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How it was drawn.
    pub plan: Plan,
    /// By programme and rule.
    pub strata: Vec<Stratum>,
    /// What it says.
    pub estimate: Estimate,
}

impl Audited {
    /// Draws a sample of the audited claims, and estimates from it.
    pub fn sample(&self, plan: Plan) -> Sample {
        let in_error = self.in_error();
        let mut population: BTreeMap<(&ProgrammeId, &RuleId), Vec<&AuditedClaim>> = BTreeMap::new();
        for claim in &self.claims {
            let on = claim.submitted_on;
            if plan.from.is_none_or(|from| from <= on) && plan.until.is_none_or(|until| on <= until)
            {
                population.entry((&claim.programme, &claim.rule)).or_default().push(claim);
            }
        }
        let sizes: Vec<u64> = population.values().map(|claims| claims.len() as u64).collect();
        let mut strata = Vec::new();
        let mut rest = Vec::new();
        for (((programme, rule), mut claims), take) in
            population.into_iter().zip(allocate(&sizes, plan.size))
        {
            claims.sort_by_cached_key(|claim| lot(&plan.seed, claim.claim.id));
            let take = usize::try_from(take).unwrap_or(usize::MAX).min(claims.len());
            let (drawn, left) = claims.split_at(take);
            strata.push(Stratum {
                programme: programme.clone(),
                rule: rule.clone(),
                population: claims.len() as u64,
                claimed_pence: claims.iter().map(|claim| pence(claim)).sum(),
                items: drawn.iter().map(|claim| item(claim, &in_error)).collect(),
            });
            rest.extend(left.iter().map(|claim| claim.amount_pence));
        }
        let estimate = estimate(&strata, rest);
        Sample { plan, strata, estimate }
    }

    /// Returns the events that findings put in error, on which money hangs.
    fn in_error(&self) -> BTreeMap<EventId, BTreeSet<AuditKind>> {
        let mut named: BTreeMap<EventId, BTreeSet<AuditKind>> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| finding.kind.touches_payment()) {
            for event in &finding.events {
                named.entry(event.id).or_default().insert(finding.kind);
            }
        }
        named
    }
}

impl Sample {
    /// Returns every claim that was drawn.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.strata.iter().flat_map(|stratum| &stratum.items)
    }
}

/// Returns what decides whether a claim is drawn: the SHA-256 of the line `waystage.sample.v1`, the
/// seed on a line, and the claim's id in its 26 characters. The lowest are drawn.
fn lot(seed: &str, claim: EventId) -> [u8; 32] {
    *sha256(format!("waystage.sample.v1\n{seed}\n{claim}").as_bytes()).as_bytes()
}

fn item(claim: &AuditedClaim, in_error: &BTreeMap<EventId, BTreeSet<AuditKind>>) -> Item {
    let kinds = in_error.get(&claim.claim.id).cloned().unwrap_or_default();
    let claim = claim.clone();
    Item { in_error: !claim.supported_now || !kinds.is_empty(), claim, kinds }
}

fn pence(claim: &AuditedClaim) -> i128 {
    i128::from(claim.amount_pence.unwrap_or(0))
}

/// Returns how many are drawn of each stratum: in proportion, by largest remainder, and at least
/// one of each while there are enough to draw; else one of each of the largest.
///
/// ```
/// use waystage_replay::audit::allocate;
/// assert_eq!(allocate(&[70, 20, 9, 1], 10), [6, 2, 1, 1]);
/// assert_eq!(allocate(&[70, 20, 9, 1], 2), [1, 1, 0, 0]);
/// assert_eq!(allocate(&[3, 2], 10), [3, 2]);
/// ```
pub fn allocate(populations: &[u64], size: u64) -> Vec<u64> {
    let total: u64 = populations.iter().sum();
    let size = size.min(total);
    let mut given = vec![0; populations.len()];
    let mut order: Vec<usize> =
        (0..populations.len()).filter(|place| populations[*place] > 0).collect();
    if size <= order.len() as u64 {
        order.sort_by_key(|place| std::cmp::Reverse(populations[*place]));
        for place in order.into_iter().take(usize::try_from(size).unwrap_or(usize::MAX)) {
            given[place] = 1;
        }
        return given;
    }
    let share = |place: usize| u128::from(size) * u128::from(populations[place]);
    for place in &order {
        given[*place] = u64::try_from(share(*place) / u128::from(total)).unwrap_or(0);
    }
    let left = size - given.iter().sum::<u64>();
    order.sort_by_key(|place| std::cmp::Reverse(share(*place) % u128::from(total)));
    for place in order.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        given[*place] += 1;
    }
    order.sort_unstable();
    for place in order {
        if given[place] == 0 {
            let most = (0..given.len()).rev().max_by_key(|place| given[*place]);
            given[place] = 1;
            if let Some(most) = most {
                given[most] -= 1;
            }
        }
    }
    given
}

fn estimate(strata: &[Stratum], mut rest: Vec<Option<i64>>) -> Estimate {
    let items = || strata.iter().flat_map(|stratum| &stratum.items);
    let errors_of = |stratum: &Stratum| -> i128 {
        let errors = stratum.items.iter().filter(|item| item.in_error);
        errors.map(|item| pence(&item.claim)).sum()
    };
    let population = strata.iter().map(|stratum| stratum.population).sum();
    let sampled = items().count() as u64;
    let errors = items().filter(|item| item.in_error).count() as u64;
    let interval = interval(population, sampled, errors);
    let mut extrapolated = Extrapolated::nothing();
    for stratum in strata.iter().filter(|stratum| !stratum.items.is_empty()) {
        let drawn = stratum.items.len() as u64;
        extrapolated.add(i128::from(stratum.population) * errors_of(stratum), drawn);
    }
    let without_amount = rest.iter().filter(|amount| amount.is_none()).count()
        + items().filter(|item| item.claim.amount_pence.is_none()).count();
    rest.sort_unstable_by_key(|amount| amount.unwrap_or(0));
    let pence_of = |amount: &Option<i64>| i128::from(amount.unwrap_or(0));
    let further = |count: u64| usize::try_from(count.saturating_sub(errors)).unwrap_or(usize::MAX);
    let smallest: i128 = rest.iter().take(further(interval.least)).map(pence_of).sum();
    let largest: i128 = rest.iter().rev().take(further(interval.most)).map(pence_of).sum();
    let error_pence: i128 = strata.iter().map(errors_of).sum();
    let none_drawn = strata.iter().filter(|stratum| stratum.items.is_empty());
    Estimate {
        population,
        sampled,
        errors,
        interval,
        error_pence,
        extrapolated,
        least_pence: error_pence + smallest,
        most_pence: error_pence + largest,
        without_amount: without_amount as u64,
        beyond_the_sample: none_drawn.map(|stratum| stratum.population).sum(),
    }
}

//! How many claims of a population can be in error, given how many of a sample are: the interval of
//! Clopper and Pearson for a finite population, by exact inversion of the hypergeometric
//! distribution in whole numbers.

use super::natural::Natural;

/// The interval's confidence is 95 %: one part in forty lies beyond each end.
const BEYOND: u64 = 40;

/// The least and the greatest number of errors in the population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The least.
    pub least: u64,
    /// The greatest.
    pub most: u64,
}

/// Returns the numbers of errors in a population of which a sample with so many errors is not among
/// its least likely, on either side: with fewer, as many errors as this would be drawn in no more
/// than one case in forty; with more, as few.
///
/// At least 95 of 100 samples, drawn at random and without putting back, give an interval that
/// holds the true number, whatever it is. Errors beyond the sample, or a sample beyond the
/// population, are taken as its size.
///
/// ```
/// use waystage_replay::audit::{Interval, interval};
/// // 50 of 747 claims were looked at and 3 of them are in error
/// assert_eq!(interval(747, 50, 3), Interval { least: 11, most: 121 });
/// // everything was looked at
/// assert_eq!(interval(50, 50, 3), Interval { least: 3, most: 3 });
/// ```
pub fn interval(population: u64, sample: u64, errors: u64) -> Interval {
    let sample = sample.min(population);
    let errors = errors.min(sample);
    let draw = Draw { population, sample, all: binomial(population, sample) };
    let (seen, possible) = (errors, population - (sample - errors));
    // the more errors there are, the likelier as many as these, and the less likely as few
    let least = first_where(seen, possible, |count| draw.is_likely(&draw.at_least(count, errors)));
    let beyond = first_where(least, possible + 1, |count| {
        count > possible || !draw.is_likely(&draw.at_most(count, errors))
    });
    Interval { least, most: beyond.saturating_sub(1).max(least) }
}

/// Returns the first number from `low` to `high` where something holds that holds from there on;
/// `high` where it holds nowhere before.
fn first_where(mut low: u64, mut high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A sample drawn from a population, and in how many ways.
struct Draw {
    population: u64,
    sample: u64,
    all: Natural,
}

impl Draw {
    /// Returns whether so many ways are more than one in forty.
    fn is_likely(&self, ways: &Natural) -> bool {
        let mut ways = ways.clone();
        ways.multiply(BEYOND);
        ways > self.all
    }

    /// Returns in how many ways as many errors or more are drawn, of so many in the population.
    fn at_least(&self, count: u64, errors: u64) -> Natural {
        let least = self.sample.saturating_sub(self.population - count);
        let drawn = errors.max(least);
        let mut ways = Natural::zero();
        if drawn > self.sample.min(count) {
            return ways;
        }
        let mut term = self.ways(count, drawn);
        let sound = self.population - count;
        for drawn in drawn.. {
            ways.add(&term);
            if drawn >= self.sample.min(count) {
                break;
            }
            term.multiply(count - drawn);
            term.multiply(self.sample - drawn);
            term.divide(drawn + 1);
            term.divide(sound + drawn + 1 - self.sample);
        }
        ways
    }

    /// Returns in how many ways as many errors or fewer are drawn, of so many in the population.
    fn at_most(&self, count: u64, errors: u64) -> Natural {
        let least = self.sample.saturating_sub(self.population - count);
        let mut ways = Natural::zero();
        let most = errors.min(count);
        if most < least {
            return ways;
        }
        let mut term = self.ways(count, most);
        let sound = self.population - count;
        for drawn in (least..=most).rev() {
            ways.add(&term);
            term.multiply(drawn);
            term.multiply(sound + drawn - self.sample);
            term.divide(count - drawn + 1);
            term.divide(self.sample - drawn + 1);
        }
        ways
    }

    /// Returns in how many ways exactly so many errors are drawn.
    fn ways(&self, count: u64, drawn: u64) -> Natural {
        let mut ways = binomial(count, drawn);
        choose(&mut ways, self.population - count, self.sample - drawn);
        ways
    }
}

/// Returns in how many ways so many can be taken of so many.
fn binomial(of: u64, taken: u64) -> Natural {
    let mut ways = Natural::one();
    choose(&mut ways, of, taken);
    ways
}

/// Multiplies by the number of ways in which so many can be taken of so many.
fn choose(ways: &mut Natural, of: u64, taken: u64) {
    if of < taken {
        *ways = Natural::zero();
        return;
    }
    for number in 1..=taken.min(of - taken) {
        ways.multiply(of - number + 1);
        ways.divide(number);
    }
}

#[cfg(test)]
mod tests {
    use super::{Draw, binomial, interval};

    /// For every population, sample and true number: the samples whose interval holds the true
    /// number are 95 of 100 or more, counted way by way.
    #[test]
    fn the_interval_covers_in_small_populations() {
        let mut tried = 0;
        for population in 1..=40 {
            for sample in 1..=population {
                let intervals: Vec<_> =
                    (0..=sample).map(|errors| interval(population, sample, errors)).collect();
                for truth in 0..=population {
                    let draw = Draw { population, sample, all: binomial(population, sample) };
                    let mut covered = super::Natural::zero();
                    for (errors, interval) in (0..).zip(&intervals) {
                        let possible = errors <= truth && sample - errors <= population - truth;
                        if possible && interval.least <= truth && truth <= interval.most {
                            covered.add(&draw.ways(truth, errors));
                        }
                    }
                    let mut needed = draw.all.clone();
                    needed.multiply(95);
                    covered.multiply(100);
                    assert!(covered >= needed, "{truth} of {population}, sample {sample}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 20_000);
    }

    #[test]
    fn the_interval_holds_what_was_seen_and_is_all_of_it_where_all_was_seen() {
        for population in 1..=30 {
            for sample in 0..=population {
                for errors in 0..=sample {
                    let found = interval(population, sample, errors);
                    assert!(errors <= found.least && found.least <= found.most);
                    assert!(found.most <= population - (sample - errors));
                    if sample == population {
                        assert_eq!((found.least, found.most), (errors, errors));
                    }
                    if sample == 0 {
                        assert_eq!((found.least, found.most), (0, population));
                    }
                }
            }
        }
    }

    #[test]
    fn the_ends_are_sharp() {
        for (population, sample, errors) in [(200, 30, 2), (747, 50, 3), (90, 45, 20)] {
            let found = interval(population, sample, errors);
            let draw = Draw { population, sample, all: binomial(population, sample) };
            assert!(draw.is_likely(&draw.at_least(found.least, errors)));
            assert!(!draw.is_likely(&draw.at_least(found.least - 1, errors)));
            assert!(draw.is_likely(&draw.at_most(found.most, errors)));
            assert!(!draw.is_likely(&draw.at_most(found.most + 1, errors)));
        }
    }
}

//! A sum of fractions of pence, exact however many there are.

use std::cmp::Ordering;

use super::natural::Natural;

/// An amount: whole pence and a part of a penny, numerator over denominator, from zero up to but
/// not including one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extrapolated {
    /// Whole pence, rounded down.
    pub whole: i128,
    /// The part of a penny beside them.
    pub numerator: Natural,
    /// What that is a part of; not zero.
    pub denominator: Natural,
}

impl Extrapolated {
    /// Returns no amount.
    pub fn nothing() -> Self {
        Self { whole: 0, numerator: Natural::zero(), denominator: Natural::one() }
    }

    /// Adds pence over a number; over zero nothing is added.
    pub fn add(&mut self, pence: i128, over: u64) {
        if over == 0 {
            return;
        }
        self.whole += pence.div_euclid(i128::from(over));
        let part = u64::try_from(pence.rem_euclid(i128::from(over))).unwrap_or(0);
        // the least common multiple: the denominator, times what it lacks of the other
        let common = common(self.denominator.clone().divide(over), over);
        let lacks = over / common;
        let mut others = self.denominator.clone();
        others.divide(common);
        others.multiply(part);
        self.numerator.multiply(lacks);
        self.numerator.add(&others);
        self.denominator.multiply(lacks);
        while self.denominator <= self.numerator {
            self.numerator.subtract(&self.denominator);
            self.whole += 1;
        }
    }

    /// Returns the amount in whole pence; half a penny goes to the even one.
    ///
    /// ```
    /// use waystage_replay::audit::Extrapolated;
    /// let mut amount = Extrapolated::nothing();
    /// amount.add(5, 3);
    /// amount.add(5, 6);
    /// assert_eq!((amount.whole, amount.rounded()), (2, 2)); // two and a half
    /// amount.add(1, 1_000_000);
    /// assert_eq!(amount.rounded(), 3);
    /// ```
    pub fn rounded(&self) -> i128 {
        let mut twice = self.numerator.clone();
        twice.multiply(2);
        match twice.cmp(&self.denominator) {
            Ordering::Less => self.whole,
            Ordering::Equal => self.whole + self.whole.rem_euclid(2),
            Ordering::Greater => self.whole + 1,
        }
    }
}

/// Returns the greatest number that divides both.
fn common(mut one: u64, mut other: u64) -> u64 {
    while one > 0 {
        (one, other) = (other % one, one);
    }
    other
}

#[cfg(test)]
mod tests {
    use super::Extrapolated;

    proptest::proptest! {
        #[test]
        fn a_sum_is_what_one_fraction_would_be(
            parts in proptest::collection::vec((-10_000_i128..10_000, 1_u64..20), 0..8)
        ) {
            // 232792560 is a multiple of every number up to twenty
            const ALL: i128 = 232_792_560;
            let of_all = |(pence, over): &(i128, u64)| pence * ALL / i128::from(*over);
            let total: i128 = parts.iter().map(of_all).sum();
            let mut sum = Extrapolated::nothing();
            for (pence, over) in &parts {
                sum.add(*pence, *over);
            }
            proptest::prop_assert_eq!(sum.whole, total.div_euclid(ALL));
            let rest = total.rem_euclid(ALL);
            let numerator: i128 = sum.numerator.to_string().parse().expect("a number");
            let denominator: i128 = sum.denominator.to_string().parse().expect("a number");
            proptest::prop_assert_eq!(numerator * ALL, rest * denominator);
            let half = (2 * rest).cmp(&ALL);
            let up = half.is_gt() || half.is_eq() && sum.whole % 2 != 0;
            proptest::prop_assert_eq!(sum.rounded(), sum.whole + i128::from(up));
        }
    }
}

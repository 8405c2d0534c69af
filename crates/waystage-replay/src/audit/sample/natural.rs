//! Natural numbers of any size: what exact binomials need, and no more.

use std::cmp::Ordering;
use std::fmt;

/// A natural number. Limbs of 64 bits, the least first, none on top that is zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Natural {
    limbs: Vec<u64>,
}

impl Natural {
    /// Returns one.
    pub fn one() -> Self {
        Self { limbs: vec![1] }
    }

    /// Returns zero.
    pub fn zero() -> Self {
        Self::default()
    }

    /// Returns whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// Multiplies by a number.
    pub fn multiply(&mut self, by: u64) {
        let mut carry = 0_u128;
        for limb in &mut self.limbs {
            let product = u128::from(*limb) * u128::from(by) + carry;
            *limb = low(product);
            carry = product >> 64;
        }
        if carry > 0 {
            self.limbs.push(low(carry));
        }
        self.trim();
    }

    /// Divides by a number that is not zero and returns the remainder; by zero nothing is done.
    pub fn divide(&mut self, by: u64) -> u64 {
        if by == 0 {
            return 0;
        }
        let mut rest = 0_u128;
        for limb in self.limbs.iter_mut().rev() {
            let part = (rest << 64) | u128::from(*limb);
            *limb = low(part / u128::from(by));
            rest = part % u128::from(by);
        }
        self.trim();
        low(rest)
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        let mut carry = 0_u128;
        for place in 0..self.limbs.len().max(other.limbs.len()) {
            let limb = |limbs: &[u64]| u128::from(limbs.get(place).copied().unwrap_or(0));
            let sum = limb(&self.limbs) + limb(&other.limbs) + carry;
            match self.limbs.get_mut(place) {
                Some(limb) => *limb = low(sum),
                None => self.limbs.push(low(sum)),
            }
            carry = sum >> 64;
        }
        if carry > 0 {
            self.limbs.push(low(carry));
        }
    }

    /// Subtracts one that is not greater.
    pub fn subtract(&mut self, other: &Self) {
        let mut borrow = 0_u64;
        for (place, limb) in self.limbs.iter_mut().enumerate() {
            let (once, first) = limb.overflowing_sub(other.limbs.get(place).copied().unwrap_or(0));
            let (twice, second) = once.overflowing_sub(borrow);
            *limb = twice;
            borrow = u64::from(first || second);
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }
}

/// Returns the lower half.
fn low(number: u128) -> u64 {
    u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

impl From<u64> for Natural {
    fn from(number: u64) -> Self {
        let mut natural = Self { limbs: vec![number] };
        natural.trim();
        natural
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let sizes = self.limbs.len().cmp(&other.limbs.len());
        sizes.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const GROUP: u64 = 1_000_000_000_000_000_000;
        let mut rest = self.clone();
        let mut groups = Vec::new();
        while !rest.is_zero() {
            groups.push(rest.divide(GROUP));
        }
        let Some(first) = groups.pop() else { return f.pad("0") };
        let rest = groups.iter().rev().map(|group| format!("{group:018}"));
        f.pad(&std::iter::once(first.to_string()).chain(rest).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::Natural;

    fn of(number: u128) -> Natural {
        let mut natural = Natural::from(u64::try_from(number >> 64).expect("half"));
        natural.multiply(1 << 63);
        natural.multiply(2);
        natural.add(&Natural::from(u64::try_from(number & u128::from(u64::MAX)).expect("half")));
        natural
    }

    proptest::proptest! {
        #[test]
        fn it_counts_as_the_machine_does(a: u64, b: u64, c in 0..=u128::MAX >> 1) {
            let a = u128::from(a);
            let mut product = of(a);
            product.multiply(b);
            proptest::prop_assert_eq!(product.to_string(), (a * u128::from(b)).to_string());
            let mut sum = product.clone();
            sum.add(&of(c));
            if let Some(expected) = (a * u128::from(b)).checked_add(c) {
                proptest::prop_assert_eq!(sum.to_string(), expected.to_string());
            }
            sum.subtract(&of(c));
            proptest::prop_assert_eq!(&sum, &product);
            proptest::prop_assert_eq!(of(c).cmp(&product), c.cmp(&(a * u128::from(b))));
            if b > 0 {
                proptest::prop_assert_eq!(product.divide(b), 0);
                proptest::prop_assert_eq!(product, of(a));
            }
        }
    }

    #[test]
    fn a_hundred_factorial_has_158_digits() {
        let mut factorial = Natural::one();
        (1..=100).for_each(|factor| factorial.multiply(factor));
        let text = factorial.to_string();
        assert!(text.starts_with("93326215443944152681699238856266700490715968264381621468592963"));
        assert_eq!(text.len(), 158);
    }
}

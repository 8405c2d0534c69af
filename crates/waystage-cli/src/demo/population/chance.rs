//! Chance in whole numbers: permille and ranges, drawn from one participant's own stream.
//! Ranges are reduced here rather than by `rand`, whose sampling may differ between versions.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(super) struct Chance {
    generator: ChaCha8Rng,
}

impl Chance {
    /// Opens the stream of one participant.
    pub(super) fn of_participant(seed: u64, number: u32) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(u64::from(number));
        Self { generator }
    }

    /// Draws a number below `count`; none is taken as one.
    pub(super) fn below(&mut self, count: u32) -> u32 {
        let scaled = (u64::from(self.generator.next_u32()) * u64::from(count.max(1))) >> 32;
        u32::try_from(scaled).unwrap_or(0)
    }

    /// Draws a number from `low` to `high`, both included; `low` where `high` is less.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below((high + 1).saturating_sub(low))
    }

    /// Draws the smaller of two numbers from `low` to `high`: early is likelier than late.
    pub(super) fn early_between(&mut self, low: u32, high: u32) -> u32 {
        self.between(low, high).min(self.between(low, high))
    }

    /// Tells whether something that happens `permille` times in a thousand happens now.
    pub(super) fn falls(&mut self, permille: u32) -> bool {
        self.below(1_000) < permille
    }

    /// Picks one of a list that is never empty.
    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        choices[self.below(last) as usize]
    }

    /// Picks one of a list that is never empty, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let mut left = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for &(weight, choice) in choices {
            if left < weight {
                return choice;
            }
            left -= weight;
        }
        choices[choices.len() - 1].1
    }

    /// Picks a band by weight and draws a number inside it.
    pub(super) fn banded(&mut self, bands: &[(u32, (u32, u32))]) -> u32 {
        let (low, high) = self.weighted(bands);
        self.between(low, high)
    }
}

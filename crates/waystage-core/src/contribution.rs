//! Contributions: the keyed integers that one participant adds to a read model. They form a
//! commutative group, so a model can be added up in any order, one participant's part can be
//! subtracted again, and two models have a difference.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::replayed::Replayed;

/// Integers under keys. Zeros are not kept, so equal sums are equal values.
///
/// ```
/// use waystage_core::contribution::Contributions;
/// let mut model = Contributions::of([("referrals", 2), ("starts", 1)]);
/// let one_person = Contributions::of([("referrals", 1), ("starts", 1)]);
/// model.subtract(&one_person);
/// assert_eq!(model, Contributions::of([("referrals", 1)]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contributions<K: Ord>(BTreeMap<K, i64>);

impl<K: Ord> Default for Contributions<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Contributions<K> {
    /// Returns the contribution of nothing: the group's zero.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns the sum of these keyed integers.
    pub fn of(parts: impl IntoIterator<Item = (K, i64)>) -> Self {
        let mut contributions = Self::none();
        for (key, amount) in parts {
            contributions.count(key, amount);
        }
        contributions
    }

    /// Returns the sum of keyed integers no two of which have one key: cheaper than
    /// [`Contributions::of`], most of all where they come in order.
    pub fn of_distinct(parts: impl IntoIterator<Item = (K, i64)>) -> Self {
        Self(parts.into_iter().filter(|(_, amount)| *amount != 0).collect())
    }

    /// Adds `amount` under `key`.
    pub fn count(&mut self, key: K, amount: i64) {
        use std::collections::btree_map::Entry;
        match self.0.entry(key) {
            Entry::Vacant(vacant) if amount != 0 => {
                vacant.insert(amount);
            }
            Entry::Vacant(_) => {}
            Entry::Occupied(mut held) => {
                *held.get_mut() += amount;
                if *held.get() == 0 {
                    held.remove();
                }
            }
        }
    }

    /// Adds other contributions.
    pub fn add(&mut self, other: &Self) {
        for (key, amount) in &other.0 {
            self.count(key.clone(), *amount);
        }
    }

    /// Adds other contributions, using them up.
    pub fn take_in(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        for (key, amount) in other.0 {
            self.count(key, amount);
        }
    }

    /// Takes other contributions away again.
    pub fn subtract(&mut self, other: &Self) {
        for (key, amount) in &other.0 {
            self.count(key.clone(), -*amount);
        }
    }

    /// Returns what must be added to `before` to get these.
    #[must_use]
    pub fn difference(&self, before: &Self) -> Self {
        let mut difference = self.clone();
        difference.subtract(before);
        difference
    }

    /// Returns the amount under a key.
    pub fn get(&self, key: &K) -> i64 {
        self.0.get(key).copied().unwrap_or(0)
    }

    /// Returns the keys with their amounts, in order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, i64)> {
        self.0.iter().map(|(key, amount)| (key, *amount))
    }

    /// Returns how many keys have an amount.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether nothing is contributed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord> IntoIterator for Contributions<K> {
    type Item = (K, i64);
    type IntoIter = std::collections::btree_map::IntoIter<K, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A read model, defined once: a pure function from one replayed participant to contributions.
///
/// From this one function follow the whole model (a sum), its upkeep (subtract a participant's old
/// part, add the new), its parallel and partial rebuild, its as-of views and its differences. It
/// never sees two participants, a store or a clock. To be kept as tables it says what they look
/// like: [`Tabular`](crate::table::Tabular).
///
/// Nothing that it is given leads to a log: not the participant that it is shown,
///
/// ```compile_fail,E0609
/// use waystage_core::replayed::Replayed;
/// fn contribute(replayed: &Replayed<'_>) {
///     let _ = replayed.store;
/// }
/// ```
///
/// and no argument beside it.
///
/// ```compile_fail,E0050
/// use waystage_core::contribution::{Contributions, Projection};
/// use waystage_core::replayed::Replayed;
/// struct Writes;
/// impl Projection for Writes {
///     type Key = u8;
///     fn name(&self) -> &'static str {
///         "writes"
///     }
///     fn contribute(&self, _: &Replayed<'_>, store: &mut Vec<u8>) -> Contributions<u8> {
///         store.clear();
///         Contributions::none()
///     }
/// }
/// ```
pub trait Projection: Sync {
    /// What amounts are kept under.
    type Key: Ord + Clone + Send;

    /// Returns the model's name, for reports and tables.
    fn name(&self) -> &'static str;

    /// Returns what one participant contributes.
    fn contribute(&self, replayed: &Replayed<'_>) -> Contributions<Self::Key>;

    /// Returns the version of its meaning, raised by hand where it changes in a way that no
    /// example shows. Changes that show in the golden corpus are noticed without it.
    fn version(&self) -> u32 {
        1
    }

    /// Returns the first later day on which time alone could change the contribution for a reason
    /// of the projection's own: because it reckons with `as_of` itself.
    ///
    /// Readings, standards, limits, jobs that end and facts dated later are seen to by
    /// [`Replayed::next_change`]; a projection that only looks at those says none, as this does.
    fn due(&self, replayed: &Replayed<'_>) -> Option<NaiveDate> {
        let _ = replayed;
        None
    }

    /// Returns whether it reads rules of programmes that a participant was never referred to, as a
    /// comparison of definitions does. Other rules of any programme may then change what anybody
    /// contributes; of all other projections they change it only for those who were referred to it.
    fn reads_every_programme(&self) -> bool {
        false
    }
}

//! Wrong stores: each breaks one rule of the store suite, and the suite has to say so. They prove
//! that the suite bites; a rule without a wrong store proves nothing.

// They are for tests, and made of parts that cannot fail or of parts that are to fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod appends;
mod awkward;
mod clock;
mod contents;
mod duplicates;
mod heads;
mod ids;
mod kept;
mod keys;
mod names;
mod own;
mod places;
mod reading;
mod sharing;
mod sizes;
mod store;
mod times;
mod waiting;

use crate::store_suite::StoreUnderTest;

use waystage_store::Append;

use self::store::{Done, Log, OfParts, Parts, RIGHT};

/// A store that is wrong in one way.
#[derive(Debug, Clone, Copy)]
pub struct Wrong {
    /// What it does.
    pub does: &'static str,
    /// The rule that it is made to break.
    pub breaks: &'static str,
    /// Rules that it cannot but break as well.
    pub also: &'static [&'static str],
    /// Rules that it breaks as well where threads meet in a certain way.
    pub perhaps: &'static [&'static str],
    parts: Parts,
}

impl Wrong {
    /// Returns an empty store that is wrong in this way.
    pub fn store(&self) -> Box<dyn StoreUnderTest> {
        Box::new(OfParts::new(self.parts))
    }

    /// Returns every wrong store.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [
            places::WRONG,
            clock::WRONG,
            kept::WRONG,
            appends::WRONG,
            duplicates::WRONG,
            keys::WRONG,
            reading::WRONG,
            names::WRONG,
            ids::WRONG,
            times::WRONG,
            contents::WRONG,
            own::WRONG,
            heads::WRONG,
            sizes::WRONG,
            sharing::WRONG,
            waiting::WRONG,
            awkward::WRONG,
        ]
        .into_iter()
        .flatten()
    }
}

/// Returns an empty store of the same parts that is wrong in no way.
pub fn right() -> Box<dyn StoreUnderTest> {
    Box::new(OfParts::new(RIGHT))
}

/// Returns an empty store of the same parts that cannot wait, which is not wrong.
pub fn that_cannot_wait() -> Box<dyn StoreUnderTest> {
    Box::new(OfParts::new(waiting::CANNOT))
}

/// What a row of the tables has where nothing else is said.
const ONE: Wrong = Wrong { does: "", breaks: "", also: &[], perhaps: &[], parts: RIGHT };

/// Returns a store that appends in a way of its own.
const fn appends(
    does: &'static str,
    breaks: &'static str,
    append: fn(&Log, Append) -> Done,
) -> Wrong {
    Wrong { does, breaks, parts: Parts { append, ..RIGHT }, ..ONE }
}

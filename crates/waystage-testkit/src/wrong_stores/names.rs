//! Stores that change names, or know them by less than they are.

use waystage_core::id::Actor;
use waystage_core::journey::Sourced;
use waystage_store::{Key, NewEvent, Refusal, StoreError};

use super::store::{Log, Parts, RIGHT, changing, despite, minding};
use super::{ONE, Wrong, appends};

/// Returns whether another event has a source and a reference that a fold makes the same.
fn is_taken(log: &Log, event: &NewEvent, fold: impl Fn(&Sourced) -> String) -> bool {
    let Some(new) = &event.sourced else { return false };
    let mut others = log.events.iter().filter_map(|before| before.sourced.as_ref());
    others.any(|old| old != new && fold(old) == fold(new))
}

fn without_accents(sourced: &Sourced) -> String {
    format!("{} {}", sourced.source, sourced.reference).replace('é', "e")
}

fn of_767_letters(sourced: &Sourced) -> String {
    let short: String = sourced.reference.as_str().chars().take(767).collect();
    format!("{} {short}", sourced.source)
}

pub(super) const WRONG: &[Wrong] = &[
    appends(
        "reads a plus sign in an actor as a space",
        "names_are_kept_letter_by_letter",
        |log, append| {
            changing(log, append, |_, event| {
                event.actor = Actor::from(event.actor.as_str().replace('+', " "));
            })
        },
    ),
    Wrong {
        also: &[
            "each_of_like_names_is_found_by_its_own_key",
            "a_source_and_a_reference_are_two_names",
        ],
        ..appends(
            "takes a name with accents for the one without",
            "names_that_look_alike_are_different_keys",
            |log, append| {
                minding(log, append, |log, _, event| is_taken(log, event, without_accents))
            },
        )
    },
    Wrong {
        does: "finds a reference whatever spaces are at its end",
        breaks: "each_of_like_names_is_found_by_its_own_key",
        parts: Parts {
            find: |log, key| {
                let short = |key: &Key| key.to_string().replace(" of ", "");
                let like = |event: &&waystage_store::StoredEvent| match (&event.sourced, key) {
                    (Some(one), Key::Sourced(other)) => {
                        let ends = [one, other].map(|name| name.reference.as_str().trim_end());
                        one.source == other.source && ends[0] == ends[1]
                    }
                    _ => short(&event.key()) == short(key),
                };
                (RIGHT.find)(log, key).or_else(|| log.events.iter().find(like).cloned())
            },
            ..RIGHT
        },
        ..ONE
    },
    Wrong {
        also: &["a_source_and_a_reference_are_two_names"],
        ..appends(
            "knows a reference by its first 767 letters",
            "names_that_differ_in_their_last_letter_are_different_keys",
            |log, append| {
                minding(log, append, |log, _, event| is_taken(log, event, of_767_letters))
            },
        )
    },
    appends(
        "joins a source and a reference by a colon",
        "a_source_and_a_reference_are_two_names",
        |log, append| {
            minding(log, append, |log, _, event| {
                is_taken(log, event, |name| format!("{}:{}", name.source, name.reference))
            })
        },
    ),
    appends("takes a blank name", "a_blank_source_or_reference_is_refused", |log, append| {
        despite(log, append, |error| matches!(error, StoreError::Refused(Refusal::NoName { .. })))
    }),
];

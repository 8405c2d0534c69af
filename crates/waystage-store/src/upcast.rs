//! Old versions of a payload's shape are brought up to date when they are read, one pure function
//! a hop; stored bytes are never rewritten. The chain is checked before a store is used.

use serde_json::Value;

/// One hop: from a schema version of a kind to the next.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    /// The stored name of the kind.
    pub kind: &'static str,
    /// The version that it reads; it gives the next.
    pub from: u32,
    /// The function.
    pub upcast: fn(Value) -> Value,
}

/// Every hop that was ever needed. A kind at schema 3 needs its hops from 1 and from 2 here.
pub const HOPS: &[Hop] = &[];

/// The chain of upcasts has a hole or a hop too many.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} is at schema {schema} and {says} from {from}: see the upcasts of the store crate")]
pub struct BrokenChain {
    kind: &'static str,
    schema: u32,
    from: u32,
    says: &'static str,
}

/// Checks that each kind can be read from every version that it ever had.
pub fn check(kinds: &[(&'static str, u32)], hops: &[Hop]) -> Result<(), BrokenChain> {
    for &(kind, schema) in kinds {
        for from in 1..schema {
            let count = hops.iter().filter(|hop| hop.kind == kind && hop.from == from).count();
            let says = match count {
                1 => continue,
                0 => "has no upcast",
                _ => "has more than one upcast",
            };
            return Err(BrokenChain { kind, schema, from, says });
        }
        if let Some(hop) = hops.iter().find(|hop| hop.kind == kind && hop.from >= schema) {
            let says = "has an upcast beyond it";
            return Err(BrokenChain { kind, schema, from: hop.from, says });
        }
    }
    Ok(())
}

/// Brings a payload of an old version up to date, hop by hop.
pub fn bring_up(
    hops: &[Hop],
    kind: &str,
    stored: u32,
    current: u32,
    payload: Value,
) -> Option<Value> {
    (stored..current).try_fold(payload, |payload, from| {
        let hop = hops.iter().find(|hop| hop.kind == kind && hop.from == from)?;
        Some((hop.upcast)(payload))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(mut payload: Value) -> Value {
        let hours = payload["hours"].take();
        payload["minutes"] = Value::from(hours.as_u64().unwrap_or(0) * 60);
        payload
    }

    const ONE: Hop = Hop { kind: "JobStarted", from: 1, upcast: renamed };

    #[test]
    fn a_whole_chain_is_accepted_and_followed() {
        assert_eq!(check(&[("JobStarted", 2), ("JobEnded", 1)], &[ONE]), Ok(()));
        let payload = serde_json::json!({ "hours": 16 });
        let now = bring_up(&[ONE], "JobStarted", 1, 2, payload).expect("a chain");
        assert_eq!(now["minutes"], 960);
    }

    #[test]
    fn a_hole_in_the_chain_is_found_before_anything_is_read() {
        let broken = check(&[("JobStarted", 3)], &[ONE]).expect_err("a hole");
        assert_eq!(
            broken.to_string(),
            "JobStarted is at schema 3 and has no upcast from 2: \
             see the upcasts of the store crate"
        );
        assert_eq!(bring_up(&[ONE], "JobStarted", 1, 3, Value::Null), None);
    }

    #[test]
    fn two_hops_from_one_version_and_a_hop_too_many_are_found() {
        assert!(check(&[("JobStarted", 2)], &[ONE, ONE]).is_err());
        assert!(check(&[("JobStarted", 1)], &[ONE]).is_err());
    }
}

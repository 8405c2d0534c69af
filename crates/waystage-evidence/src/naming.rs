//! Ids of things and events that come from a source, derived from what the source calls them, so
//! that the same extract gives the same ids in every store.

use crate::digest::{enc, sha256};

/// Returns the id of a thing that a source names: the first sixteen bytes of a hash over what kind
/// of thing it is, the source, its owner's reference (for what is named within a person, such as a
/// job; else empty) and its own reference.
pub fn thing_id(kind: &str, source: &str, owner: &str, reference: &str) -> [u8; 16] {
    let mut bytes = b"waystage.id.v1\n".to_vec();
    for part in [kind, source, owner, reference] {
        enc(&mut bytes, part.as_bytes());
    }
    sha256(&bytes).first_sixteen()
}

/// Returns the id of an event that comes from a source: 48 bits of `reported_at_ms` (milliseconds
/// since 1970), then 80 bits of a hash over the source and its reference.
pub fn event_id(reported_at_ms: u64, source: &str, reference: &str) -> [u8; 16] {
    let mut bytes = b"waystage.event-id.v1\n".to_vec();
    enc(&mut bytes, source.as_bytes());
    enc(&mut bytes, reference.as_bytes());
    let mut id = [0; 16];
    id[..6].copy_from_slice(&reported_at_ms.to_be_bytes()[2..]);
    id[6..].copy_from_slice(&sha256(&bytes).as_bytes()[..10]);
    id
}

#[cfg(test)]
mod tests {
    use super::event_id;

    fn hex(id: [u8; 16]) -> String {
        format!("{:032x}", u128::from_be_bytes(id))
    }

    #[test]
    fn derived_event_ids_agree_with_the_published_vectors() {
        let reported = 1_767_225_600_000;
        let id = |reference| hex(event_id(reported, "extract:demo", reference));
        assert_eq!(id("R-1"), "019b76daa800d8b33b707411c3be76b7");
        assert_eq!(id("R-2"), "019b76daa8003a2491b3f4fb0583b27e");
    }
}

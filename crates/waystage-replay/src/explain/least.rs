//! The events that alone give something, none of which can be left out: found by leaving out more
//! and more of them and looking whether it is still the same.

use waystage_core::journey::Recorded;

/// Returns events that alone give the same as all of them, so that leaving out any one
/// gives something else. What counts is only whether `same` says so of a set, so this holds for
/// whatever is looked at. Of several such sets it is the one with the earlier events.
pub(super) fn that_give(events: &[Recorded], same: impl Fn(&[Recorded]) -> bool) -> Vec<Recorded> {
    let mut kept = events.to_vec();
    loop {
        // again until nothing goes: with a fact gone its correction may go too
        let mut any = false;
        let mut size = kept.len();
        while size > 0 {
            any |= left_out(&mut kept, size, &same);
            size /= 2;
        }
        if !any {
            return kept;
        }
    }
}

/// Leaves out runs of so many events where that changes nothing, the last first. Returns whether
/// any was left out.
fn left_out(kept: &mut Vec<Recorded>, size: usize, same: &impl Fn(&[Recorded]) -> bool) -> bool {
    let mut any = false;
    let mut end = kept.len();
    while end > 0 {
        let begin = end.saturating_sub(size);
        let mut fewer = kept.clone();
        fewer.drain(begin..end);
        if same(&fewer) {
            *kept = fewer;
            any = true;
        }
        end = begin;
    }
    any
}

//! Rules that are expected to fail say nothing: a panic of a marked thread is not printed.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Returns whether this thread is marked.
pub(super) fn is_on() -> bool {
    QUIET.get()
}

/// Marks this thread, or unmarks it.
pub(super) fn set(quiet: bool) {
    QUIET.set(quiet);
}

/// Returns what a check that failed says; none where it passed.
pub(super) fn failure(check: impl FnOnce()) -> Option<String> {
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !is_on() {
                loud(panic);
            }
        }));
    });
    set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(check));
    set(false);
    let said = outcome.err()?;
    let text = said
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| said.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Some(text.unwrap_or_default())
}

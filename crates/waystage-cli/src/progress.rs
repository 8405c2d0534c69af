//! Progress on standard error, for work that takes longer than a second.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far something has come, once it has taken a second.
pub(crate) struct Progress {
    quiet: bool,
    what: &'static str,
    begun: Instant,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    pub(crate) fn new(what: &'static str, quiet: bool) -> Self {
        let quiet = quiet || !io::stderr().is_terminal();
        Self { quiet, what, begun: Instant::now(), bar: Mutex::new(None) }
    }

    /// Takes in how far a replay has come.
    pub(crate) fn replayed(&self, replayed: waystage::replay::Progress) {
        self.at(replayed.participants, replayed.participants_all);
    }

    pub(crate) fn at(&self, done: u64, all: u64) {
        if self.quiet || self.begun.elapsed() < Duration::from_secs(1) {
            return;
        }
        let Ok(mut bar) = self.bar.lock() else { return };
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
            let template = "{msg} {human_pos} of {human_len} ({per_sec}, {eta} left)";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(self.what);
            bar
        });
        bar.set_position(done);
        if done >= all {
            bar.finish_and_clear();
        }
    }
}

//! Faults for the log in SQLite: what the program under fault writes, what it prints about it, the
//! oracle that compares both with what a log holds afterwards, and the disk that is cut off. And
//! for kept models: lives that are recorded meanwhile, and the comparison with fresh sums.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // only tests use it
#![allow(clippy::missing_panics_doc)] // a test may panic anywhere

pub mod bare;
pub mod disk;
mod facts;
pub mod fresh;
pub mod kept;
pub mod lives;
pub mod model_file;
#[path = "../../support/models.rs"]
mod models;
pub mod oracle;
pub mod power;
pub mod program;
pub mod workload;

/// Numbers that look random and are the same on each run: splitmix64.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Begins a sequence.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `end`.
    pub const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Returns how many times the usual size is asked for (`FAULT_FACTOR`).
pub fn factor() -> u64 {
    std::env::var("FAULT_FACTOR").map_or(1, |text| text.parse().expect("FAULT_FACTOR: a number"))
}

/// Returns an empty folder, in memory where the machine has one, so that syncs cost nothing.
pub fn fast_folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

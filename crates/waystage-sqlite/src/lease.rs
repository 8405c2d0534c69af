//! The lease: one handle at a time may hold a store. It is a lock on a file of its own, taken
//! before SQLite is asked anything, because SQLite's own locks are lost when any other code in the
//! process opens and closes the database file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use waystage_store::StoreError;

use crate::failure::{Doing, of_file};

/// Magic numbers of file systems on which locks or syncs cannot be relied on.
const UNSAFE_FILESYSTEMS: &[(u64, &str)] = &[
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFF53_4D42, "SMB"),
    (0xFE53_4D42, "SMB"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9p"),
    (0x5346_414F, "AFS"),
];

/// Opens a file, and never what a link in its place points to.
#[allow(clippy::cast_possible_wrap)] // a flag of the system's interface
pub(crate) const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits() as i32;

/// A held lease. It ends when this is dropped, or when the process does.
#[derive(Debug)]
pub(crate) struct Lease {
    file: File,
    pid: u32,
}

impl Drop for Lease {
    fn drop(&mut self) {
        // closing alone would not end it while a child that was forked, and has not yet become
        // another program, still has the file open; and such a child must not end it for its parent
        if self.is_of_this_process() {
            let _ = self.file.unlock();
        }
    }
}

impl Lease {
    /// Takes the lease of a store's file, or says who holds it.
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = path_of(database);
        let failed = |error: std::io::Error| of_file(Doing::Writing, &path, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(NO_LINK)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { pid: holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let pid = std::process::id();
        file.set_len(0).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        writeln!(file, "{pid}").map_err(failed)?;
        Ok(Self { file, pid })
    }

    /// Refuses a handle that came into this process by a fork: its lease, its connections and its
    /// threads are the other process's.
    pub(crate) fn check_process(&self) -> Result<(), StoreError> {
        if self.is_of_this_process() { Ok(()) } else { Err(StoreError::ForkedHandle) }
    }

    pub(crate) fn is_of_this_process(&self) -> bool {
        self.pid == std::process::id()
    }
}

/// Returns where the lease of a store's file is.
pub(crate) fn path_of(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lease");
    PathBuf::from(path)
}

fn holder(file: &mut File) -> u32 {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) => text.trim().parse().unwrap_or(0),
        Err(_) => 0,
    }
}

/// Refuses a folder on a file system that keeps neither locks nor syncs as a log needs them.
pub(crate) fn check_filesystem(database: &Path) -> Result<(), StoreError> {
    let folder = database.parent().unwrap_or(Path::new("."));
    let Ok(found) = rustix::fs::statfs(folder) else { return Ok(()) };
    let magic = u64::try_from(found.f_type).unwrap_or(0) & 0xFFFF_FFFF;
    match UNSAFE_FILESYSTEMS.iter().find(|(number, _)| *number == magic) {
        Some((_, kind)) => {
            Err(StoreError::UnsafeFilesystem { path: folder.display().to_string(), kind })
        }
        None => Ok(()),
    }
}

//! Commands that sign, verify, prove and certify, and the files of their keys.

pub(super) mod certify;
pub(super) mod checkpoint;
pub(super) mod prove;
pub(super) mod recover;
pub(super) mod verify;

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use waystage::evidence::Anchor;
use waystage::evidence_format::{KeyKind, PublicKey, SecretKey, SignedCheckpoint};

use crate::arguments::Signing;
use crate::command::anchored::beside;
use crate::failure::Failure;

/// Returns the file of the key that is named, or the one beside the store.
fn key_file(signing: &Signing, folder: &Path) -> PathBuf {
    signing.key.clone().unwrap_or_else(|| beside(folder, "key"))
}

/// Returns what to do where the log of who looked ends before what was signed of it.
fn looks_are_lost(anchor: &Anchor) -> String {
    format!(
        "Where it was lost, copy it back: `backup FILE` leaves a copy of it in FILE.access, and \
         `restore` takes that along. Where no copy is left, move {} away and keep it: it is the \
         proof that there was more",
        anchor.path().display()
    )
}

/// Reads a secret key.
fn secret_key(file: &Path) -> Result<SecretKey, Failure> {
    let text = fs::read_to_string(file).map_err(|error| {
        Failure::Usage(format!(
            "{}: {error}: make a key with `checkpoint --new-key`, or name it with --key",
            file.display()
        ))
    })?;
    text.trim_end().parse().map_err(|error| refused(file, &error))
}

/// Makes a secret key in a new file that nobody else may read.
pub(crate) fn new_secret_key(file: &Path, name: &str, kind: KeyKind) -> Result<SecretKey, Failure> {
    let mut seed = [0; 32];
    File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut seed))?;
    let key = SecretKey::of_seed(name, kind, seed)
        .map_err(|error| Failure::Usage(format!("no key can be made for {name}: {error}")))?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut made| {
        writeln!(made, "{key}")?;
        made.sync_all()
    })
    .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
    Ok(key)
}

fn public_key(text: &str) -> Result<PublicKey, Failure> {
    text.trim().parse().map_err(|error| Failure::Usage(format!("{text}: {error}")))
}

/// Reads a checkpoint that somebody holds.
fn checkpoint_in(file: &Path) -> Result<SignedCheckpoint, Failure> {
    read(file)?.parse().map_err(|error| refused(file, &error))
}

/// Reads a text file that the command names.
fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

fn refused(file: &Path, error: &impl std::fmt::Display) -> Failure {
    Failure::Integrity(format!("{}: {error}", file.display()))
}

/// Writes a file that the command names, whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    let written = File::create(&new).and_then(|mut made| {
        made.write_all(bytes)?;
        made.sync_all()?;
        fs::rename(&new, file)
    });
    written.map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

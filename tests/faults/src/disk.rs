//! The disk that a power cut leaves: what was synced, and any part of what was not. Names are
//! durable at once, as the journal of a file system keeps them in order; contents are not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Chance;
use crate::oracle::Ledger;

const SECTOR: usize = 512;

/// One record of the shim's log.
#[derive(Debug)]
pub struct Operation {
    /// What it was.
    pub kind: char,
    /// On which file.
    pub path: String,
    offset: u64,
    bytes: Vec<u8>,
}

/// Reads a log of the shim.
pub fn operations(log: &Path) -> Vec<Operation> {
    let bytes = fs::read(log).unwrap();
    let mut rest = bytes.as_slice();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(21);
        let number = |from: usize| u64::from_le_bytes(head[from..from + 8].try_into().unwrap());
        let path_length = u32::from_le_bytes(head[1..5].try_into().unwrap());
        let (path, tail) = tail.split_at(path_length.try_into().unwrap());
        let (bytes, tail) = tail.split_at(number(13).try_into().unwrap());
        found.push(Operation {
            kind: char::from(head[0]),
            path: String::from_utf8(path.to_vec()).unwrap(),
            offset: number(5),
            bytes: bytes.to_vec(),
        });
        rest = tail;
    }
    found
}

/// Which part of the writes that were not synced reached the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    None,
    /// Everything.
    All,
    /// Each write or not.
    Writes,
    /// Each sector of each write or not.
    Sectors,
}

/// All parts.
pub const PARTS: [Part; 4] = [Part::None, Part::All, Part::Writes, Part::Sectors];

#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

#[derive(Debug, Clone, Default)]
struct Content {
    durable: Vec<u8>,
    pending: Vec<Change>,
}

/// A disk, as far as a log of operations was replayed.
#[derive(Debug, Default)]
pub struct Disk {
    names: BTreeMap<String, usize>,
    contents: Vec<Content>,
    /// What was acknowledged so far.
    pub ledger: Ledger,
}

impl Disk {
    /// Replays one operation.
    pub fn replay(&mut self, operation: &Operation) {
        let name = operation.path.rsplit('/').next().unwrap().to_owned();
        match operation.kind {
            'a' => {
                let printed = String::from_utf8(operation.bytes.clone()).unwrap();
                self.ledger.read(&printed).unwrap();
            }
            'c' => {
                self.names.insert(name, self.contents.len());
                self.contents.push(Content::default());
            }
            'u' => {
                self.names.remove(&name);
            }
            'l' => {
                let from = String::from_utf8(operation.bytes.clone()).unwrap();
                let there = self.names[from.rsplit('/').next().unwrap()];
                self.names.insert(name, there);
            }
            kind => {
                // a folder's sync: names are durable already
                let Some(&there) = self.names.get(&name) else { return };
                let content = &mut self.contents[there];
                let offset = usize::try_from(operation.offset).unwrap();
                match kind {
                    'w' => content
                        .pending
                        .push(Change::Write { offset, bytes: operation.bytes.clone() }),
                    't' => content.pending.push(Change::Cut { length: offset }),
                    's' => {
                        let pending = std::mem::take(&mut content.pending);
                        for change in pending {
                            change.apply(&mut content.durable);
                        }
                    }
                    // the kernel takes the pages for clean: they never reach the disk
                    'F' => content.pending.clear(),
                    _ => panic!("the shim wrote down {kind}"),
                }
            }
        }
    }

    /// Returns whether something of it was not synced.
    pub fn is_pending(&self) -> bool {
        self.names.values().any(|there| !self.contents[*there].pending.is_empty())
    }

    /// Writes the files that a power cut leaves into a folder.
    pub fn leave(&self, part: Part, chance: &mut Chance, folder: &Path) {
        if folder.exists() {
            fs::remove_dir_all(folder).unwrap();
        }
        fs::create_dir_all(folder).unwrap();
        for (name, there) in &self.names {
            let content = &self.contents[*there];
            let mut bytes = content.durable.clone();
            for change in &content.pending {
                match part {
                    Part::None => {}
                    Part::All => change.apply(&mut bytes),
                    Part::Writes if chance.below(2) == 0 => change.apply(&mut bytes),
                    Part::Writes => {}
                    Part::Sectors => {
                        for sector in change.sectors() {
                            if chance.below(2) == 0 {
                                sector.apply(&mut bytes);
                            }
                        }
                    }
                }
            }
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Cut { length } => content.resize(*length, 0),
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*offset..end].copy_from_slice(bytes);
            }
        }
    }

    /// Returns the change in parts that reach the disk one without the other.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write { offset, bytes } = self else { return vec![self.clone()] };
        let mut parts = Vec::new();
        let mut done = 0;
        while done < bytes.len() {
            let to_border = SECTOR - (offset + done) % SECTOR;
            let end = bytes.len().min(done + to_border);
            parts.push(Self::Write { offset: offset + done, bytes: bytes[done..end].to_vec() });
            done = end;
        }
        parts
    }
}

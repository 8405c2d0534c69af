//! Prints proofs with what this crate says of them, one JSON document a line, so that a verifier
//! written by somebody else can be compared on all of them:
//!
//! ```text
//! cargo run -p waystage-evidence --example proofs -- 256 64 100000
//! ```
//!
//! prints all inclusion proofs of trees to 256 leaves, all consistency proofs to 64, and then
//! 100,000 proofs of trees of these sizes with one bit turned, always the same ones. A line is
//!
//! ```text
//! {"proof":"inclusion","leaf":"…","index":0,"size":1,"root":"…","hashes":["…"],"holds":true}
//! {"proof":"consistency","old":1,"old_root":"…","new":2,"new_root":"…","hashes":["…"],"holds":true}
//! ```
//!
//! with hashes in hexadecimal digits and numbers of up to 64 bits. The leaf of index *i* is SHA-256
//! over a zero byte and *i* as eight bytes, big endian. A turned bit of a size may leave a proof
//! that holds: it then has the same shape, and only the checkpoint says which size is meant.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use waystage_evidence::{
    Digest, KeptNodes, consistency_proof, inclusion_proof, leaf, root_at, sha256,
    verify_consistency, verify_inclusion,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Inclusion,
    Consistency,
}

/// A proof with what it claims.
struct Claim {
    sort: Sort,
    /// Index and size, or the older size and the newer.
    numbers: [u64; 2],
    /// Leaf and root, or the older root and the newer, and then the proof's hashes.
    hashes: Vec<Digest>,
}

impl Claim {
    fn of(sort: Sort, nodes: &KeptNodes, numbers: [u64; 2]) -> io::Result<Self> {
        let [first, size] = numbers;
        let (from, proof) = match sort {
            Sort::Inclusion => (Ok(leaf_of(first)), inclusion_proof(nodes, first, size)),
            Sort::Consistency => (root_at(nodes, first), consistency_proof(nodes, first, size)),
        };
        let root = root_at(nodes, size).map_err(io::Error::other)?;
        let mut hashes = vec![from.map_err(io::Error::other)?, root];
        hashes.extend(proof.map_err(io::Error::other)?);
        Ok(Self { sort, numbers, hashes })
    }

    fn holds(&self) -> bool {
        let (sort, [first, size]) = (self.sort, self.numbers);
        match (sort, self.hashes.as_slice()) {
            (Sort::Inclusion, [leaf, root, proof @ ..]) => {
                verify_inclusion(*leaf, first, size, proof, *root).is_ok()
            }
            (Sort::Consistency, [old, new, proof @ ..]) => {
                verify_consistency(first, *old, size, *new, proof).is_ok()
            }
            _ => false,
        }
    }

    /// Turns one bit of the two numbers and the hashes.
    fn turn(&mut self, pick: u64) {
        let bits = 128 + 256 * self.hashes.len() as u64;
        let bit = pick % bits;
        let place = |bit: u64, of: u64| usize::try_from(bit / of).unwrap_or(0);
        if bit < 128 {
            self.numbers[place(bit, 64)] ^= 1 << (bit % 64);
        } else {
            let hash = &mut self.hashes[place(bit - 128, 256)];
            let mut bytes = *hash.as_bytes();
            bytes[place((bit - 128) % 256, 8)] ^= 1 << (bit % 8);
            *hash = Digest::from_bytes(bytes);
        }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let (sort, members) = match self.sort {
            Sort::Inclusion => ("inclusion", ["leaf", "index", "size", "root"]),
            Sort::Consistency => ("consistency", ["old_root", "old", "new", "new_root"]),
        };
        let ([from, first, size, root], [one, other]) = (members, self.numbers);
        let quoted: Vec<String> = self.hashes.iter().map(|hash| format!("\"{hash}\"")).collect();
        let [start, end, proof @ ..] = quoted.as_slice() else { return Ok(()) };
        let (proof, holds) = (proof.join(","), self.holds());
        writeln!(
            out,
            "{{\"proof\":\"{sort}\",\"{from}\":{start},\"{first}\":{one},\"{size}\":{other},\
             \"{root}\":{end},\"hashes\":[{proof}],\"holds\":{holds}}}"
        )
    }
}

fn leaf_of(index: u64) -> Digest {
    leaf(&index.to_be_bytes())
}

/// Returns four numbers that depend on nothing but the counter.
fn picks(counter: u64) -> [u64; 4] {
    let hash = sha256(&counter.to_be_bytes());
    let (words, _) = hash.as_bytes().as_chunks::<8>();
    std::array::from_fn(|index| words.get(index).map_or(0, |word| u64::from_be_bytes(*word)))
}

fn print_all(inclusion_max: u64, consistency_max: u64, turned: u64) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let nodes = KeptNodes::of_leaves((0..inclusion_max.max(consistency_max)).map(leaf_of));
    for size in 1..=inclusion_max {
        for index in 0..size {
            Claim::of(Sort::Inclusion, &nodes, [index, size])?.print(&mut out)?;
        }
    }
    for new in 0..=consistency_max {
        for old in 0..=new {
            Claim::of(Sort::Consistency, &nodes, [old, new])?.print(&mut out)?;
        }
    }
    for counter in 0..turned {
        let [which, size, place, bit] = picks(counter);
        let is_inclusion = consistency_max == 0 || (inclusion_max > 0 && which % 2 == 0);
        let (sort, max) = if is_inclusion {
            (Sort::Inclusion, inclusion_max)
        } else {
            (Sort::Consistency, consistency_max)
        };
        if max == 0 {
            break;
        }
        let size = 1 + size % max;
        let mut claim = Claim::of(sort, &nodes, [place % size, size])?;
        claim.turn(bit);
        claim.print(&mut out)?;
    }
    out.flush()
}

fn main() -> ExitCode {
    let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|each| each.parse()).collect();
    let Ok(&[inclusion_max, consistency_max, turned]) = numbers.as_deref() else {
        eprintln!(
            "give three numbers: the largest sizes for inclusion and consistency, and how many bits to turn"
        );
        return ExitCode::from(2);
    };
    match print_all(inclusion_max, consistency_max, turned) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("could not print the proofs: {error}");
            ExitCode::FAILURE
        }
    }
}

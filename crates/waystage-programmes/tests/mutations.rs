//! No text makes the loader panic: packs and tables cut short, with lines missing or doubled, and
//! with every value replaced by others. A refusal always names a line of the file.

#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

use std::collections::BTreeSet;

use waystage_core::programme::Programmes;
use waystage_programmes::{
    Files, PackErrors, bundled_packs, bundled_tables, check, read_pack, read_tables,
};

/// Values of every type, at and beyond every limit.
const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "4294967296",
    "99999999999999999999999999",
    "0.5",
    "7.333",
    "-0.0",
    "nan",
    "inf",
    "1e400",
    "true",
    "\"\"",
    "\" \"",
    "\"start\"",
    "\"2018-01-01\"",
    "1900-01-01",
    "2100-12-31",
    "0000-01-01",
    "9999-12-31",
    "2018-01-01T00:00:00Z",
    "07:30:00",
    "[]",
    "[[]]",
    "[1, \"a\"]",
    "[{}]",
    "{}",
    "{ from = 1, until = [] }",
    "{ a.b.c = 1 }",
    "\"\\u0000é\"",
];

/// Reads a text as both kinds of file, alone and together.
fn read_every_way(text: &str) -> bool {
    let pack = read_pack("pack.toml", text);
    let tables = read_tables("tables.toml", text);
    let lines = text.lines().count() + 1;
    let errors = [pack.as_ref().err(), tables.as_ref().err()];
    for errors in errors.into_iter().flatten() {
        names_lines(errors, lines);
    }
    let files = Files { packs: &[("pack.toml", text)], tables: &[("tables.toml", text)] };
    let checked = check(&files, &Programmes::default());
    assert!(!checked.errors.is_empty(), "no text is a pack and a tables file");
    pack.is_ok() || tables.is_ok()
}

fn names_lines(errors: &PackErrors, lines: usize) {
    assert!(errors.iter().len() > 0, "a refusal without an error");
    let mut last = 0;
    for error in errors {
        let line = error.place().line;
        assert!((1..=lines).contains(&line) && last <= line, "{error}");
        last = line;
    }
}

fn texts() -> impl Iterator<Item = String> {
    let all = bundled_packs().iter().chain(bundled_tables());
    all.map(|(_, text)| shortened(text))
}

/// Returns a text with one short source everywhere: addresses are long and all alike to the loader.
fn shortened(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" = ") {
        Some((key @ ("reference" | "assumption"), _)) => format!("{key} = \"a source\"\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn a_file_cut_short_at_any_byte_is_read_or_refused() {
    // the page on the language has every section, and is short
    let page = seeds().into_iter().take(1);
    let tables = bundled_tables().iter().map(|(_, text)| shortened(text));
    let texts: Vec<String> = page.chain(tables).collect();
    assert_eq!(texts.len(), 4);
    for text in texts {
        for end in 0..=text.len() {
            if let Some(cut) = text.get(..end) {
                read_every_way(cut);
            }
        }
    }
}

#[test]
fn a_file_without_any_one_line_is_read_or_refused() {
    for text in texts() {
        let lines: Vec<&str> = text.lines().collect();
        for missing in 0..lines.len() {
            let mut rest = lines.clone();
            rest.remove(missing);
            read_every_way(&rest.join("\n"));
        }
    }
}

#[test]
fn a_file_with_any_line_doubled_is_refused_unless_the_line_says_nothing() {
    for text in texts() {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let mut more = lines.clone();
            more.insert(number, line);
            let read = read_every_way(&more.join("\n"));
            let says_nothing = line.is_empty() || line.starts_with('#');
            assert_eq!(read, says_nothing, "{line}");
        }
    }
}

#[test]
fn a_file_with_any_value_replaced_is_read_or_refused() {
    let texts: Vec<String> = texts().collect();
    // a line that stands again in the same section, in whatever file, would say the same again
    let mut seen = BTreeSet::new();
    for text in &texts {
        let lines: Vec<&str> = text.lines().collect();
        let mut section = "";
        for (number, line) in lines.iter().enumerate() {
            if line.starts_with('[') {
                section = line;
            }
            let Some((key, _)) = line.split_once(" = ").filter(|_| seen.insert((section, *line)))
            else {
                continue;
            };
            // a third of the values for each line, another third for the next
            for value in VALUES.iter().skip(number % 3).step_by(3) {
                let changed = format!("{key} = {value}");
                let mut other = lines.clone();
                other[number] = &changed;
                read_every_way(&other.join("\n"));
            }
        }
    }
}

/// Numbers that look random and are the same on each run: splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).expect("a place")
    }
}

/// Returns short texts with every section of the language, right and wrong.
fn seeds() -> Vec<String> {
    let page = include_str!("../../../docs/PACKS.md");
    let mut seeds: Vec<String> = ["pack", "tables"]
        .map(|kind| {
            let fence = format!("```toml {kind}\n");
            let blocks = page.split(fence.as_str()).skip(1);
            blocks.map(|block| block.split("```").next().expect("an end")).collect()
        })
        .into();
    let museum = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/museum");
    let exhibits =
        std::fs::read_dir(museum).expect("the museum").map(|item| item.expect("an item"));
    let mut exhibits: Vec<_> = exhibits.map(|item| item.path()).collect();
    exhibits.sort();
    for path in exhibits.iter().filter(|path| path.extension().is_some_and(|end| end == "toml")) {
        seeds.push(std::fs::read_to_string(path).expect("an exhibit"));
    }
    seeds
}

/// Changes a text in some ways at once.
fn mutated(seeds: &[String], chance: &mut Chance) -> String {
    let mut lines: Vec<String> =
        seeds[chance.below(seeds.len())].lines().map(str::to_owned).collect();
    for _ in 0..=chance.below(5) {
        let at = chance.below(lines.len() + 1);
        let other = &seeds[chance.below(seeds.len())];
        match chance.below(7) {
            0 if at < lines.len() => drop(lines.remove(at)),
            1 if at < lines.len() => lines.insert(at, lines[chance.below(at + 1)].clone()),
            2 if at < lines.len() => {
                let key = lines[at].split(" = ").next().unwrap_or_default().to_owned();
                lines[at] = format!("{key} = {}", VALUES[chance.below(VALUES.len())]);
            }
            3 => {
                let theirs: Vec<&str> = other.lines().collect();
                let from = chance.below(theirs.len() + 1);
                let to = (from + chance.below(12)).min(theirs.len());
                lines.splice(at..at, theirs[from..to].iter().map(|&line| line.to_owned()));
            }
            4 if at < lines.len() => {
                let cut = chance.below(lines[at].len() + 1);
                let text = lines[at].clone();
                text.get(..cut).unwrap_or(&text).clone_into(&mut lines[at]);
            }
            5 if at < lines.len() => {
                let strange = ["\"", "[", "]]", "{", "=", "\u{202e}", "\0", "é", "#", "'''", "\\"];
                let place = chance.below(lines[at].len() + 1);
                if lines[at].is_char_boundary(place) {
                    lines[at].insert_str(place, strange[chance.below(strange.len())]);
                }
            }
            _ => lines.truncate(at),
        }
    }
    lines.join("\n")
}

/// `PACKS_FUZZED` sets how many texts are tried.
#[test]
fn no_text_makes_the_loader_panic() {
    let asked = std::env::var("PACKS_FUZZED");
    let texts: usize = asked.map_or(4_000, |text| text.parse().expect("PACKS_FUZZED: a number"));
    let seeds = seeds();
    let read: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = [1, 2]
            .map(|seed| {
                let seeds = &seeds;
                scope.spawn(move || {
                    let mut chance = Chance(seed);
                    (0..texts / 2).filter(|_| read_every_way(&mutated(seeds, &mut chance))).count()
                })
            })
            .into();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
    });
    println!("{texts} texts, {read} of them valid files");
    assert!(read > 0 && read < texts);
}

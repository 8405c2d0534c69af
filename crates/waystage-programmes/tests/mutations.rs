//! No text makes the loader panic: packs and tables cut short, with lines missing or doubled, and
//! with every value replaced by others. A refusal always names a line of the file.

#![allow(clippy::expect_used, clippy::panic)] // helpers of tests

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

fn texts() -> impl Iterator<Item = &'static str> {
    let all = bundled_packs().iter().chain(bundled_tables());
    all.map(|(_, text)| *text)
}

#[test]
fn a_file_cut_short_at_any_byte_is_read_or_refused() {
    let two = ["working-well-whp.toml", "working-well-expansion.toml"];
    let packs = bundled_packs().iter().filter(|(file, _)| two.contains(file));
    let texts: Vec<&str> = packs.chain(bundled_tables()).map(|(_, text)| *text).collect();
    assert_eq!(texts.len(), 5);
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
    for text in texts() {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some((key, _)) = line.split_once(" = ") else {
                continue;
            };
            for value in VALUES {
                let changed = format!("{key} = {value}");
                let mut other = lines.clone();
                other[number] = &changed;
                read_every_way(&other.join("\n"));
            }
        }
    }
}

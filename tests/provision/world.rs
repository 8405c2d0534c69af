//! The made-up programme and its people: a pack with every section, another programme, and eight
//! journeys, written as an extract.

use std::fs;
use std::path::Path;

use waystage_programmes::bundled_tables;

use crate::texts::Texts;

/// The pack with every section.
pub(crate) const PACK: &str = include_str!("pack.toml");
/// The journeys: file, ref, day and cells.
const ROWS: &str = include_str!("rows.txt");
/// Another programme, of which only the name matters.
const OTHER: &str = "[programme]\nid = \"other\"\nname = \"Other\"\nreference = \"Made up\"\n";
/// Ten pounds an hour, always.
const FLAT: &str = "[[rate_table]]\nid = \"flat\"\nname = \"Flat\"\nreference = \"Made up\"\n\
    [[rate_table.row]]\neffective_from = 2000-01-01\npence = 1000\n";

/// Writes the extract into a folder, with its packs and tables.
pub(crate) fn write(folder: &Path) {
    let mut texts = Texts::default();
    for line in ROWS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [file, reference, on, cells] = words[..] else {
            panic!("a line is a file, a ref, a day and cells: {line:?}");
        };
        let row = format!("{reference},{on},{on}T12:00:00Z,{cells}");
        texts.push(&format!("{file}.csv"), &row);
    }
    texts.write(folder);
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    put("packs/example.toml", PACK);
    put("packs/other.toml", OTHER);
    put("tables/flat.toml", FLAT);
    let calendars = bundled_tables().iter().find(|(file, _)| file.contains("calendars"));
    put("tables/calendars.toml", calendars.expect("the calendars").1);
}

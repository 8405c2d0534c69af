//! Files that refuse the whole extract, each with its exact message.

use tempfile::TempDir;
use waystage_exchange::Extract;

const HEADER: &str = "ref,on,reported_at,participation,category,severity\n";
const ROW: &str = "ND1,2021-01-07,2021-01-07T09:00:00Z,W1,debt,3\n";
const KNOWN: &str = "participants.csv, referrals.csv, progress.csv, assessments.csv, needs.csv, \
                     interventions.csv, contacts.csv, qualifications.csv, concerns.csv, \
                     jobs.csv, evidence.csv, earnings.csv, benefits.csv, consents.csv, \
                     claims.csv, corrections.csv";

/// Checks the message with which `needs.csv` refuses the extract.
fn refused(bytes: impl AsRef<[u8]>, message: &str) {
    let read = Extract::read([("needs.csv", bytes.as_ref())]);
    let error = read.expect_err("a refusal");
    assert_eq!(error.to_string(), message);
}

#[test]
fn an_unknown_column_refuses_the_extract() {
    let columns = "ref, on, reported_at, participation, category, severity";
    for name in ["nino", "Ref", " ref", "", "name"] {
        let text = format!("{},{name}\n", HEADER.trim_end());
        let says = format!(
            "needs.csv:1: {name:?} is no column of this file: leave it out (its columns are \
             {columns})"
        );
        refused(text, &says);
    }
}

#[test]
fn a_missing_column_refuses_the_extract() {
    for column in HEADER.trim_end().split(',') {
        let left: Vec<&str> = HEADER.trim_end().split(',').filter(|name| *name != column).collect();
        let says =
            format!("needs.csv:1: the column {column:?} is missing: add it, blank if need be");
        refused(left.join(","), &says);
    }
}

#[test]
fn a_column_that_stands_twice_refuses_the_extract() {
    for column in HEADER.trim_end().split(',') {
        let text = format!("{},{column}\n", HEADER.trim_end());
        let says = format!("needs.csv:1: the column {column:?} stands twice: leave one out");
        refused(text, &says);
    }
}

#[test]
fn a_file_of_no_known_name_refuses_the_extract() {
    for name in ["people.csv", "Needs.csv", "needs.CSV"] {
        let error = Extract::read([(name, HEADER.as_bytes())]).expect_err("a refusal");
        let says = format!(
            "{name}: an extract has no such file: rename it, or take it out of the folder (known \
             are {KNOWN})"
        );
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn an_empty_file_refuses_the_extract() {
    let says = "needs.csv:1: the file is empty: it needs a header row";
    for text in ["", "\u{feff}", "\n", "\r\n\r\n"] {
        refused(text, says);
    }
}

#[test]
fn a_row_with_too_few_or_too_many_cells_refuses_the_extract() {
    let says = |got| {
        format!(
            "needs.csv:3: the row has {got} cells and the header 6: check its commas and quotes"
        )
    };
    for (row, got) in [("ND2", 1), ("ND2,a,b,c,d", 5), ("ND2,a,b,c,d,e,f", 7), (",,,,,,,", 8)] {
        refused(format!("{HEADER}{ROW}{row}\n"), &says(got));
    }
    // the line is the physical one on which the row starts
    let long = "ND1,2021-01-07,2021-01-07T09:00:00Z,W1,\"d\ne\nb\",3\n";
    let says = says(2).replace(":3:", ":5:");
    refused(format!("{HEADER}{long}\"ND2\nx\",b\n"), &says);
}

#[test]
fn a_quote_inside_an_unquoted_cell_refuses_the_extract() {
    let says = "needs.csv:3: a quote stands inside a cell: quote the whole cell and double it";
    for cell in ["a\"b", "a\"", " \"a\"", "a\"b\"c"] {
        refused(format!("{HEADER}{ROW}ND2,,,,{cell},3\n"), says);
    }
}

#[test]
fn text_after_a_closing_quote_refuses_the_extract() {
    let says = "needs.csv:4: text follows a closing quote: double quotes inside a cell";
    for cell in ["\"a\nb\"c", "\"\n\" ", "\"a\n\"b\""] {
        refused(format!("{HEADER}{ROW}ND2,,,,{cell},3\n"), says);
    }
}

#[test]
fn a_quote_that_is_never_closed_is_named_by_the_line_on_which_it_opens() {
    let says = "needs.csv:3: a quote is opened here and never closed";
    refused(format!("{HEADER}{ROW}ND2,,,,\"a,3\n{ROW}{ROW}"), says);
    refused(format!("{HEADER}{ROW}ND2,,,,\"a\"\",3\n{ROW}{ROW}"), says);
    refused(format!("{HEADER}{ROW}\""), says);
    refused(
        format!("{HEADER}{ROW}ND2,\"\n\",\"\n\n"),
        "needs.csv:4: a quote is opened here and never closed",
    );
}

#[test]
fn a_nul_refuses_the_extract() {
    let says = "needs.csv:3: a NUL stands in the text: export the file again";
    refused(format!("{HEADER}{ROW}ND2,\0,,,,\n"), says);
    refused(format!("{HEADER}{ROW}ND2,\"\0\",,,,\n"), says);
    refused(format!("{HEADER}{ROW}\0"), says);
    let wide: Vec<u8> = HEADER.bytes().flat_map(|byte| [byte, 0]).collect();
    refused(wide, "needs.csv:1: a NUL stands in the text: export the file again");
}

#[test]
fn bytes_that_are_not_utf_8_refuse_the_extract() {
    let says = "needs.csv:3: these bytes are not UTF-8: export the file as UTF-8";
    for wrong in [&b"caf\xe9"[..], b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"] {
        let before = format!("{HEADER}{ROW}ND2,,,,");
        refused([before.as_bytes(), wrong, b",3\n"].concat(), says);
    }
    refused(
        b"\xff\xfer\0e\0f\0",
        "needs.csv:1: these bytes are not UTF-8: export the file as UTF-8",
    );
}

#[test]
fn a_lone_carriage_return_refuses_the_extract() {
    let says = "needs.csv:3: a carriage return stands alone: end lines with LF or CRLF";
    refused(format!("{HEADER}{ROW}ND2,,,\r,,\n"), says);
    refused(format!("{HEADER}{ROW}ND2,,,,,3\r"), says);
    refused(format!("{HEADER}{ROW}ND2,,,,,3\r\r\n"), says);
    let old = format!("{HEADER}{ROW}").replace('\n', "\r");
    refused(old, "needs.csv:1: a carriage return stands alone: end lines with LF or CRLF");
}

#[test]
fn a_cell_of_ten_megabytes_refuses_the_extract() {
    let long = "x".repeat(10_000_000);
    let says = "needs.csv:3: \"category\" has 10000000 bytes and may have 16384: shorten it";
    refused(format!("{HEADER}{ROW}ND2,,,,{long},3\n"), says);
    refused(format!("{HEADER}{ROW}ND2,,,,\"{long}\",3\n"), says);
}

#[test]
fn a_reference_that_no_store_takes_refuses_the_extract() {
    let long = "x".repeat(1025);
    let says = "needs.csv:3: \"ref\" has 1025 bytes and may have 1024: shorten it";
    refused(format!("{HEADER}{ROW}{long},,,,,3\n"), says);
}

#[test]
fn one_malformed_file_refuses_the_files_beside_it() {
    let files = [("claims.csv", &b"nothing"[..]), ("needs.csv", HEADER.as_bytes())];
    let error = Extract::read(files).expect_err("a refusal");
    assert!(error.to_string().starts_with("claims.csv:1: \"nothing\" is no column"), "{error}");
}

#[test]
fn a_folder_without_files_of_an_extract_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().display().to_string();
    let says = format!("{path}: there is no file of an extract in this folder (known are {KNOWN})");
    let error = Extract::read_folder(folder.path()).expect_err("a refusal");
    assert_eq!(error.to_string(), says);
    std::fs::write(folder.path().join("notes.txt"), "x").expect("a file");
    let error = Extract::read_folder(folder.path()).expect_err("a refusal");
    assert_eq!(error.to_string(), says);
    std::fs::write(folder.path().join("needs.csv"), HEADER).expect("a file");
    assert_eq!(Extract::read_folder(folder.path()).map(|extract| extract.rows()), Ok(0));
    std::fs::write(folder.path().join("people.csv"), HEADER).expect("a file");
    assert!(Extract::read_folder(folder.path()).is_err());
}

#[test]
fn a_folder_that_does_not_exist_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let missing = folder.path().join("missing");
    let error = Extract::read_folder(&missing).expect_err("a refusal");
    let says = format!("{}: ", missing.display());
    assert!(error.to_string().starts_with(&says), "{error}");
    assert!(error.to_string().contains("No such file or directory"), "{error}");
}

//! What a scenario cannot say is refused, at its line and with what to write instead.

use super::{HEAD, read};

/// Returns the errors of edits, each with its line among them.
fn refused(edits: &str) -> Vec<String> {
    let Err(errors) = read(&format!("{HEAD}{edits}")) else { return Vec::new() };
    let above = HEAD.lines().count();
    let each = errors.iter().map(|error| {
        assert_eq!(error.place().file, "one.toml", "{error}");
        format!("{}: {}", error.place().line - above, error.message())
    });
    each.collect()
}

#[test]
fn a_shift_of_any_size_is_read_or_refused_and_no_panic() {
    for does in ["redate", "rereport"] {
        let says = |days: i64| {
            refused(&format!(
                "[[change]]\ndo = \"{does}\"\nwhere = {{ kinds = \"Started\" }}\ndays = {days}\n"
            ))
        };
        for days in [-36_525, -1, 1, 36_525] {
            assert_eq!(says(days), Vec::<String>::new(), "{days}");
        }
        for days in [i64::MIN, i32::MIN.into(), -36_526, 0, 36_526, i32::MAX.into(), i64::MAX] {
            let most = "write whole days from -36525 to 36525, and not 0";
            assert_eq!(says(days), [format!("4: \"days\" in [[change]] is {days}: {most}")]);
        }
    }
}

#[test]
fn the_last_tier_of_a_version_cannot_be_off() {
    let one = "[[pack.rule]]\nid = \"job-outcome\"\ntier = \"lower\"\noff = true\n";
    let all = format!("{one}{}", one.replace("lower", "higher"));
    let says = refused(&format!("[[pack]]\nprogramme = \"ipes\"\n{all}"));
    assert!(says[0].contains("[[rule.version]] has no threshold"), "{says:?}");
}

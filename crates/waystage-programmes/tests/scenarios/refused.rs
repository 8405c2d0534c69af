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
fn a_day_is_refused_where_nothing_that_an_edit_changes_has_versions() {
    let from = |does: &str| {
        refused(&format!(
            "[[pack]]\nprogramme = \"working-well-expansion\"\n[[pack.rule]]\n\
             id = \"sustained-12-months\"\n{does}\nfrom = 2018-01-01\n"
        ))
    };
    let version =
        "{ effective_from = 2016-04-01, within_days = 9, day_count = \"start_is_day_1\" }";
    let other = format!("{{ family = \"job_start\", version = [{version}] }}");
    let off = "remove it, as a rule that is off is off on every day";
    let versions = "write the day as effective_from of a version in";
    let own = "in an edit without it, as that holds on every day";
    for (does, beside, write) in [
        ("off = true".to_owned(), "off", off.to_owned()),
        (format!("replace = {other}"), "replace", format!("{versions} \"replace\"")),
        (format!("add = {other}"), "add", format!("{versions} \"add\"")),
        (
            "set = { judged_by = \"start\" }".to_owned(),
            "judged_by",
            format!("write \"judged_by\" {own}"),
        ),
        (
            "set = { max_gap_days = 7, groups = [\"jsa\"] }".to_owned(),
            "groups",
            format!("write \"groups\" {own}"),
        ),
        (
            "set = { max_gap_days = 7 }\nremove = [\"reference\"]".to_owned(),
            "reference",
            format!("write \"reference\" {own}"),
        ),
    ] {
        let line = 5 + does.lines().count();
        let says = format!("{line}: \"from\" does nothing beside \"{beside}\": {write}");
        assert_eq!(from(&does), [says]);
    }
    assert_eq!(from("set = { max_gap_days = 7 }"), Vec::<String>::new());
}

#[test]
fn a_tier_is_refused_where_an_edit_is_of_every_tier() {
    let tier = |does: &str| {
        refused(&format!(
            "[[pack]]\nprogramme = \"ipes\"\n[[pack.rule]]\nid = \"job-outcome\"\n\
             tier = \"lower\"\n{does}\n"
        ))
    };
    let write = "remove it, and write every tier in";
    let own = "write \"judged_by\" in an edit without it, as that is of every tier";
    for (does, beside, write) in [
        ("replace = { family = \"job_start\" }", "replace", format!("{write} \"replace\"")),
        ("add = { family = \"job_start\" }", "add", format!("{write} \"add\"")),
        ("set = { judged_by = \"referral\" }", "judged_by", own.to_owned()),
    ] {
        let says = format!("5: \"tier\" does nothing beside \"{beside}\": {write}");
        assert_eq!(tier(does), [says]);
    }
    let grid = "[grid]\nprogramme = \"ipes\"\nrule = \"job-outcome\"\ntier = \"lower\"\n\
                parameter = \"judged_by\"\nvalues = [\"start\"]\n";
    let says =
        "\"tier\" does nothing beside \"judged_by\": remove it, as \"judged_by\" is of every tier";
    assert_eq!(refused(grid), [format!("4: {says}")]);
}

#[test]
fn the_last_tier_of_a_version_cannot_be_off() {
    let one = "[[pack.rule]]\nid = \"job-outcome\"\ntier = \"lower\"\noff = true\n";
    let all = format!("{one}{}", one.replace("lower", "higher"));
    let says = refused(&format!("[[pack]]\nprogramme = \"ipes\"\n{all}"));
    let has_none = |says: &String| says.contains("[[rule.version]] has no threshold");
    assert!(says.iter().any(has_none), "{says:?}");
}

#[test]
fn conditions_are_refused_beside_what_is_added() {
    let edits = "[[pack]]\nprogramme = \"working-well-pilot\"\n[[pack.rule]]\nid = \"early\"\n\
                 where = { family = \"continuous\" }\n[pack.rule.add]\nfamily = \"job_start\"\n\
                 judged_by = \"start\"\nreference = \"imagined\"\n\
                 version = [{ effective_from = 2014-03-01 }]\n";
    assert_eq!(refused(edits), ["5: \"where\" does nothing beside \"add\": remove it"]);
}

#[test]
fn a_pack_that_is_refused_is_told_at_the_edit_that_brought_it_about() {
    let pack = |programme: &str| format!("[[pack]]\nprogramme = \"{programme}\"\n");
    let off = |section: &str, key: &str| {
        format!("[[pack.{section}]]\n{key} = \"sustained-12-months\"\noff = true\n")
    };
    let (expansion, pilot) = (pack("working-well-expansion"), pack("working-well-pilot"));
    let named = "set = { name = \"another\" }\n";
    let harmless = "[[pack.rule]]\nid = \"job-start\"\nset = { within_days = 9 }\n";
    let lines = |edits: &str| {
        let says = refused(edits);
        let fee = says.iter().find(|says| says.contains("to pay for"));
        let claim = says.iter().find(|says| says.contains("no rule") && !says.contains("pay for"));
        let line =
            |says: Option<&String>| says.map(|says| says.split(':').next().unwrap().to_owned());
        (line(fee), line(claim))
    };
    let at = |line: &str| Some(line.to_owned());
    let gone = off("rule", "id");
    // not at the first edit of the file or of the programme, nor at the last
    let edits =
        format!("{pilot}{named}{expansion}{named}{harmless}{expansion}{gone}{expansion}{named}");
    assert_eq!(lines(&edits), (at("12"), at("12")));
    // what an edit broke a later one may mend, and another break again
    let fee = off("fee", "on");
    assert_eq!(lines(&format!("{expansion}{gone}{expansion}{fee}")), (None, at("3")));
    let back = "[[pack.rule]]\nid = \"sustained-12-months\"\n\
                add = { family = \"job_start\", judged_by = \"start\", reference = \"imagined\", \
                version = [{ effective_from = 2016-04-01 }] }\n";
    let edits = format!("{expansion}{gone}{expansion}{back}");
    assert_eq!(refused(&edits), Vec::<String>::new());
    assert_eq!(lines(&format!("{edits}{expansion}{gone}")), (at("13"), at("13")));
    // with a grid, at the grid
    let grid = "[grid]\nprogramme = \"ipes\"\nrule = \"job-outcome\"\nparameter = \"id\"\n\
                values = [\"other\"]\n";
    let edits = format!("{}{named}{grid}", pack("ipes"));
    assert_eq!(lines(&edits).0, at("4"));
}

#[test]
fn an_edit_that_does_nothing_is_refused() {
    let pack = "[[pack]]\nprogramme = [\"ipes\", \"working-well-pilot\"]\n";
    let rule = format!("{pack}[[pack.rule]]\nid = \"*\"\n");
    let nothing = |what: &str| {
        format!("this edit does nothing to a {what}: write set, remove, replace, add or off = true")
    };
    let gone = "no programme that is picked here has \"nonsense\": take it off the list";
    let off = "[[pack.gate]]\nid = \"referred-in-time\"\noff = true\n";
    for (edits, says) in [
        (format!("{pack}remove = [\"nonsense\"]\n"), format!("3: {gone}")),
        (format!("{pack}remove = [\"areas\", \"nonsense\"]\n"), format!("3: {gone}")),
        (format!("{pack}set = {{}}\n"), format!("3: {}", nothing("pack"))),
        (format!("{pack}set = {{}}\n{off}"), format!("3: {}", nothing("pack"))),
        (format!("{pack}remove = []\n{off}"), format!("3: {}", nothing("pack"))),
        (format!("{rule}set = {{}}\n"), format!("5: {}", nothing("rule"))),
        (format!("{rule}remove = []\nset = {{}}\n"), format!("6: {}", nothing("rule"))),
        (format!("{rule}remove = []\n"), format!("5: {}", nothing("rule"))),
        (format!("{rule}from = 2020-01-01\nset = {{}}\n"), format!("6: {}", nothing("rule"))),
    ] {
        assert_eq!(refused(&edits), [says], "{edits}");
    }
    // what some of the programmes have is removed from those
    assert_eq!(refused(&format!("{pack}remove = [\"areas\"]\n")), Vec::<String>::new());
}

#[test]
fn a_condition_without_a_condition_is_refused() {
    let says = |picks: &str| refused(&format!("[[change]]\ndo = \"without\"\nwhere = {picks}\n"));
    let on = "3: \"on\" in where is empty: write on = { from = 2020-01-01, until = 2020-12-31 }";
    let reported =
        "3: \"reported\" in where is empty: write reported = { from = 2020-01-01T00:00:00Z }";
    assert_eq!(says("{ on = {} }"), [on]);
    assert_eq!(says("{ reported = {} }"), [reported]);
    assert_eq!(says("{ kinds = \"Started\", on = {} }"), [on]);
    let edit = "[[pack]]\nprogramme = \"*\"\n[[pack.rule]]\nid = \"*\"\nwhere = {}\noff = true\n";
    let family = "\"where\" in [[pack.rule]] is empty: write where = { family = \"continuous\" }";
    assert_eq!(refused(edit), [format!("5: {family}")]);
}

#[test]
fn a_grid_has_values_or_a_way_to_count_them_and_not_both() {
    let grid = "[grid]\nprogramme = \"working-well-expansion\"\nrule = \"sustained-12-months\"\n\
                parameter = \"max_gap_days\"\nvalues = [7]\n";
    assert_eq!(refused(grid), Vec::<String>::new());
    for key in ["from", "to", "step"] {
        let says =
            format!("5: \"{key}\" and \"values\" are both given in [grid]: keep one of them");
        assert_eq!(refused(&format!("{grid}{key} = 1\n")), [says]);
    }
}

#[test]
fn a_tier_that_no_rule_has_is_named_and_holidays_say_which() {
    let tier = "[[pack]]\nprogramme = \"ipes\"\n[[pack.rule]]\nid = \"job-outcome\"\n\
        tier = \"lowest\"\nset = { hours_per_week = 1 }\n";
    let [says] = &refused(tier)[..] else { panic!() };
    assert_eq!(says, "4: the pack has no tier \"lowest\": write one of \"higher\" or \"lower\"");
    let fee = "[[pack]]\nprogramme = \"ipes\"\n[[pack.fee]]\non = \"job-outcome\"\n\
        tier = \"lowest\"\noff = true\n";
    let [says] = &refused(fee)[..] else { panic!() };
    assert_eq!(says, "4: the pack has no tier \"lowest\": write one of \"higher\" or \"lower\"");
    let elsewhere = "[[pack]]\nprogramme = \"ipes\"\n[[pack.rule]]\nid = \"job-outcome\"\n\
        tier = \"higher\"\nwhere = { has = \"max_gap_days\" }\nset = { hours_per_week = 1 }\n";
    let [says] = &refused(elsewhere)[..] else { panic!() };
    let none = "no rule of the pack meets the conditions in \"where\"";
    assert!(says.contains(none), "{says}");
    for idle in ["", "add = []\n"] {
        let idle = format!("[[holidays]]\ncalendar = \"england-and-wales\"\n{idle}");
        assert_eq!(
            refused(&idle),
            ["1: [[holidays]] has no \"add\": write add = [2024-05-07], or remove"]
        );
    }
}

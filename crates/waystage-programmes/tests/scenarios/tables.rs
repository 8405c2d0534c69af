//! Rate tables and calendars of a scenario: over what they are set, and in which order.

use super::{day, edited, in_force};

#[test]
fn rows_are_set_over_a_table_or_in_its_place() {
    let edits = "
        [[rates]]
        id = \"national-living-wage\"
        [[rates.row]]
        effective_from = 2021-01-01
        pence = 1000
        [[holidays]]
        calendar = \"england-and-wales\"
        add = [2021-01-05]
    ";
    let after = edited(edits).overlay(in_force());
    let table = &after.rates[&"national-living-wage".into()];
    assert_eq!(table.in_force(day("2021-02-01")).unwrap().pence, 1000);
    assert_eq!(table.in_force(day("2020-12-31")).unwrap().pence, 872);
    assert_eq!(table.in_force(day("2021-04-01")).unwrap().pence, 891);
    assert!(!after.calendars[&"england-and-wales".into()].is_working_day(day("2021-01-05")));
    let whole = edited(&edits.replace("[[rates.row]]", "whole = true\n[[rates.row]]"));
    let after = whole.overlay(in_force());
    assert_eq!(after.rates[&"national-living-wage".into()].rows.len(), 1);
    let affected = whole.affected(&in_force());
    assert!(affected.contains(&"whp-national".into()));
    assert!(!affected.contains(&"fair-start-scotland".into()));
}

#[test]
fn a_second_entry_of_a_table_or_calendar_builds_on_the_first() {
    let edits = "
        [[rates]]
        id = \"national-living-wage\"
        [[rates.row]]
        effective_from = 2021-01-01
        pence = 1000
        [[rates]]
        id = \"real-living-wage-london\"
        [[rates.row]]
        effective_from = 2021-02-01
        pence = 1500
        [[rates]]
        id = \"national-living-wage\"
        [[rates.row]]
        effective_from = 2021-03-01
        pence = 1100
        [[holidays]]
        calendar = \"england-and-wales\"
        add = [2021-01-05, 2021-01-06]
        [[holidays]]
        calendar = \"england-and-wales\"
        add = [2021-01-07]
        remove = [2021-01-06]
    ";
    let after = edited(edits).overlay(in_force());
    let pence =
        |table: &str, on: &str| after.rates[&table.into()].in_force(day(on)).map(|row| row.pence);
    assert_eq!(pence("national-living-wage", "2021-02-01"), Some(1000));
    assert_eq!(pence("national-living-wage", "2021-03-01"), Some(1100));
    assert_eq!(pence("real-living-wage-london", "2021-02-01"), Some(1500));
    let calendar = &after.calendars[&"england-and-wales".into()];
    let works =
        ["2021-01-05", "2021-01-06", "2021-01-07"].map(|on| calendar.is_working_day(day(on)));
    assert_eq!(works, [false, true, false]);
    // whole rows stand in the place of earlier entries' too
    let whole = edits.replace(
        "[[rates.row]]\n        effective_from = 2021-03-01",
        "whole = true\n        [[rates.row]]\n        effective_from = 2021-03-01",
    );
    let after = edited(&whole).overlay(in_force());
    assert_eq!(after.rates[&"national-living-wage".into()].rows.len(), 1);
}

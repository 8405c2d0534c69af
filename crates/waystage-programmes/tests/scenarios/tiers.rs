//! Edits of one tier of a rule, or of what is paid for one.

use waystage_core::programme::{Rule, Terms};

use super::{day, in_force, programme, rule};

/// Returns the tiers of a rule on a day, each with its hours.
fn hours(rule: &Rule, on: &str) -> Vec<(String, u32)> {
    let Terms::Earnings(terms) = &rule.in_force(day(on)).unwrap().terms else { panic!("earnings") };
    let each = terms.thresholds.iter().map(|each| {
        let tier = each.tier.as_ref().map_or_else(String::new, ToString::to_string);
        (tier, each.weekly.0 / 60)
    });
    each.collect()
}

#[test]
fn a_tier_is_edited_alone() {
    let tiered = in_force().programmes.into_values().find_map(|programme| {
        let rule = programme.rules.iter().find(|rule| rule.tiers().len() > 1)?;
        Some((programme.id.clone(), rule.clone()))
    });
    let (id, before) = tiered.unwrap();
    let tier = before.tiers()[0].clone().unwrap();
    let edits = format!(
        "[[pack]]\nprogramme = \"{id}\"\n[[pack.rule]]\nid = \"{}\"\ntier = \"{tier}\"\n\
         set = {{ hours_per_week = 1 }}\n",
        before.id
    );
    let after = programme(&edits, id.as_str());
    let after = rule(&after, before.id.as_str());
    let thresholds = |rule: &Rule, own: bool| -> Vec<String> {
        let terms = rule.versions.iter().filter_map(|version| match &version.terms {
            Terms::Earnings(terms) => Some(&terms.thresholds),
            _ => None,
        });
        let all = terms.flatten().filter(|each| (each.tier.as_ref() == Some(&tier)) == own);
        all.map(|each| format!("{each:?}")).collect()
    };
    assert_eq!(thresholds(after, false), thresholds(&before, false));
    assert_ne!(thresholds(after, true), thresholds(&before, true));
}

#[test]
fn a_tier_that_is_off_goes_alone() {
    let edits = "
        [[pack]]
        programme = \"ipes\"
        [[pack.rule]]
        id = \"job-outcome\"
        tier = \"lower\"
        off = true
        [[pack.fee]]
        on = \"job-outcome\"
        tier = \"lower\"
        off = true
    ";
    let after = programme(edits, "ipes");
    assert_eq!(hours(rule(&after, "job-outcome"), "2020-01-01"), [("higher".to_owned(), 16)]);
    let fees = after.fees.iter().map(|fee| fee.tier.as_ref().map(ToString::to_string));
    assert_eq!(fees.collect::<Vec<_>>(), [Some("higher".to_owned())]);
}

#[test]
fn a_version_without_the_tier_stays_as_it_is() {
    let edits = "
        [[pack]]
        programme = \"ipes\"
        [[pack.rule]]
        id = \"job-outcome\"
        [pack.rule.replace]
        family = \"earnings\"
        [[pack.rule.replace.version]]
        effective_from = 2019-12-01
        window_days = 638
        day_count = \"start_is_day_0\"
        rate_table = \"national-living-wage\"
        rate_as_of = \"start\"
        hours_per_week = 16
        weeks = 26
        [[pack.rule.replace.version]]
        effective_from = 2021-01-01
        window_days = 638
        day_count = \"start_is_day_0\"
        rate_table = \"national-living-wage\"
        rate_as_of = \"start\"
        tier = [
            { id = \"lower\", hours_per_week = 8, weeks = 26 },
            { id = \"higher\", hours_per_week = 16, weeks = 26 },
        ]
        [[pack.rule]]
        id = \"job-outcome\"
        tier = \"lower\"
        set = { hours_per_week = 4 }
    ";
    let after = programme(edits, "ipes");
    let outcome = rule(&after, "job-outcome");
    assert_eq!(hours(outcome, "2020-01-01"), [(String::new(), 16)]);
    let tiers = [("lower".to_owned(), 4), ("higher".to_owned(), 16)];
    assert_eq!(hours(outcome, "2021-01-01"), tiers);
}

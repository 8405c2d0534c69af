//! Packs for the vectors that no bundled programme shows.

/// The three spans of the Work and Health Programme, counted both ways, as windows for a job.
pub(crate) fn spans() -> String {
    let rules = [456, 638, 639].into_iter().flat_map(|days| {
        [0, 1].map(|first| {
            format!(
                r#"
[[rule]]
id = "{days}-from-day-{first}"
family = "job_start"
judged_by = "start"
reference = "DWP provider guidance, chapter 13"
[[rule.version]]
effective_from = 2017-11-01
within_days = {days}
day_count = "start_is_day_{first}"
"#
            )
        })
    });
    let head = "[programme]\nid = \"spans\"\nname = \"Spans\"\nreference = \"vector 1\"\n";
    std::iter::once(head.to_owned()).chain(rules).collect()
}

/// Thresholds of 1,200.00 and of 2,100.00, at ten pounds an hour.
pub(crate) const TOTALS: &str = r#"
[programme]
id = "totals"
name = "Totals"
reference = "vector 6"

[[rule]]
id = "reaches-1200"
family = "earnings"
judged_by = "start"
reference = "vector 6"
[[rule.version]]
effective_from = 2017-11-01
window_days = 638
day_count = "start_is_day_0"
hours_per_week = 12
weeks = 10
rate_table = "ten-pounds"
rate_as_of = "start"

[[rule]]
id = "reaches-2100"
family = "earnings"
judged_by = "start"
reference = "vector 6"
[[rule.version]]
effective_from = 2017-11-01
window_days = 638
day_count = "start_is_day_0"
hours_per_week = 21
weeks = 10
rate_table = "ten-pounds"
rate_as_of = "start"
"#;

/// Ten pounds an hour.
pub(crate) const TEN_POUNDS: &str = r#"
[[rate_table]]
id = "ten-pounds"
name = "Ten pounds"
reference = "made up"
[[rate_table.row]]
effective_from = 2015-01-01
pence = 1000
"#;

/// Fair Start Scotland's thirteen weeks: in sixteen, and consecutive.
pub(crate) const THIRTEEN_WEEKS: &str = r#"
[programme]
id = "thirteen"
name = "Thirteen weeks"
reference = "Fair Start Scotland evaluation; a parliamentary answer"

[[rule]]
id = "in-sixteen"
family = "weeks_in_window"
judged_by = "start"
reference = "Fair Start Scotland evaluation"
[[rule.version]]
effective_from = 2018-04-01
weeks = 13
window_weeks = 16
min_weekly_hours = 16
anchor = "first_job_start"

[[rule]]
id = "consecutive"
family = "continuous"
judged_by = "start"
reference = "a parliamentary answer"
[[rule.version]]
effective_from = 2018-04-01
weeks = 13
max_gap_days = 0
min_weekly_hours = 16
anchor = "each_job_start"
within_days = 365
day_count = "start_is_day_1"
"#;

/// Job starts, and half a year in work that is asked for again every twelve weeks.
pub(crate) const HALF_A_YEAR: &str = r#"
[programme]
id = "half-a-year"
name = "Half a year"
reference = "vector 10"

[[rule]]
id = "job-start"
family = "job_start"
judged_by = "start"
reference = "vector 10"
[[rule.version]]
effective_from = 2018-01-01

[[rule]]
id = "26-weeks"
family = "continuous"
judged_by = "start"
reference = "vector 10"
[[rule.version]]
effective_from = 2018-01-01
weeks = 26
max_gap_days = 14
anchor = "first_job_start"
silence_days = 84
"#;

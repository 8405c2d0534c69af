//! The figures that the population is calibrated to, in permille, each with its source; where
//! none is published the comment says so. Tables are those of the project's domain reference.

use super::calendar::{Date, date};

/// The last day of the extract: nothing happened, or was learned, after it.
pub(super) const FAR_END: Date = date(2025, 9, 30);

/// Referrals that start, of those found eligible and not put in a control group, so that 650
/// permille of all referrals start. Between 62 per cent of referrals (103,300 of 166,160,
/// `whp_england_wales_headline_to_feb2020`) and 65 to 70 per cent (later quarters of Fair Start
/// Scotland; 11,000 of 17,000 in `whp_pioneer_sep2023_to_may2024`).
pub(super) const STARTS_OF_ELIGIBLE: u32 = 702;

/// Referrals found ineligible. Not published.
pub(super) const INELIGIBLE: u32 = 60;

/// Referrals put in a control group while a programme was randomised. The trial is published
/// (Lords written answer HL5940), its ratio is not.
pub(super) const CONTROL_GROUP: u32 = 40;

/// Starts that enter employment: 38 per cent of mature starts (`fss_final_outcome_rates`), and a
/// little more, since a few are out of sequence and some starts are not mature.
pub(super) const JOB_STARTS: u32 = 383;

/// The same for people in work but at risk, who mostly keep the job that they have.
/// Not published.
pub(super) const JOB_STARTS_IN_WORK: u32 = 235;

/// The same for the newly unemployed, set so that Early Help as a whole is near 38 per cent.
/// Not published.
pub(super) const JOB_STARTS_NEWLY_UNEMPLOYED: u32 = 600;

/// Job starts still in work at three months: 28 of 38 (`fss_final_outcome_rates`), and a little
/// more, since the source loses sight of some.
pub(super) const IN_WORK_AT_3_MONTHS: u32 = 760;

/// In work at three months, still so at six: 23 of 28 (`fss_final_outcome_rates`), and a little
/// more for the same reason.
pub(super) const IN_WORK_AT_6_MONTHS: u32 = 830;

/// In work at six months, still so at twelve: 18 of 23, printed as 78 per cent
/// (`fss_final_outcome_rates`), and a little more for the same reason.
pub(super) const IN_WORK_AT_12_MONTHS: u32 = 800;

/// Starts with a severe housing need: 12 per cent (`working_well_subgroups_lga`). That severe
/// is 4 or more of 6 is the project's reading.
pub(super) const SEVERE_HOUSING: u32 = 120;

/// Referred participants who are men: 63 per cent of starts
/// (`whp_england_wales_headline_to_feb2020`). Neither sex, and no answer: not published.
pub(super) const SEXES: &[(u32, &str)] = &[(626, "M"), (363, "F"), (3, "X"), (8, "")];

/// Health and disability 75, long-term unemployed 15 per cent, early access the rest
/// (`working_well_targets_and_funding`).
pub(super) const WORK_AND_HEALTH_GROUPS: &[(u32, &str)] =
    &[(75, "health_and_disability"), (10, "early_access"), (15, "long_term_unemployed")];

/// Disability 72 and early access 9 of the 81 per cent that are not long-term unemployed
/// (`whp_england_wales_headline_to_feb2020`).
pub(super) const PIONEER_GROUPS: &[(u32, &str)] = &[(72, "disability"), (9, "early_access")];

/// Jobs that are self-employment. Not published.
pub(super) const SELF_EMPLOYED: u32 = 80;

/// Jobs of which nothing was heard after the start. Not published.
pub(super) const SILENT_JOBS: u32 = 35;

/// Participants with a second, later referral, of those who could have one. National figures
/// are 1.20 referrals an individual (166,160 for 138,330,
/// `whp_england_wales_headline_to_feb2020`); most of those are to the same programme, which is
/// not generated, so fewer are aimed at: about 80 permille of all.
pub(super) const SECOND_REFERRALS: u32 = 137;

/// Rows that a later row corrects: 15 permille of all, those on which outcomes hang more often
/// than answers to questions. Not published.
pub(super) const CORRECTED_ROWS: u32 = 12;

/// The same for referrals, jobs and earnings.
pub(super) const CORRECTED_ROWS_OF_WORK: u32 = 32;

/// Corrections that are themselves withdrawn. Not published.
pub(super) const WITHDRAWN_CORRECTIONS: u32 = 120;

/// Employed jobs that the payroll feed never sees. Not published; set, with the hours of jobs, so
/// that some 12 to 18 per cent of starts reach an outcome read from earnings: 12 per cent of
/// starts to August 2018 had one by February 2019 (domain reference, section 7).
pub(super) const UNSEEN_BY_PAYROLL: u32 = 110;

/// The same for jobs of 12 hours a week or less, mostly below the lower earnings limit, for which
/// an employer may send nothing (domain reference, section 8). Not published.
pub(super) const UNSEEN_BY_PAYROLL_FEW_HOURS: u32 = 480;

/// Outcomes that are claimed. Not published.
pub(super) const CLAIMED_OUTCOMES: u32 = 900;

/// Jobs for which an outcome is claimed before it happened. Not published.
pub(super) const EARLY_CLAIMS: u32 = 35;

/// The National Living Wage in pence an hour, by the day it took effect (GOV.UK).
pub(super) const NATIONAL_LIVING_WAGE: &[(Date, u32)] = &[
    (date(2016, 4, 1), 720),
    (date(2017, 4, 1), 750),
    (date(2018, 4, 1), 783),
    (date(2019, 4, 1), 821),
    (date(2020, 4, 1), 872),
    (date(2021, 4, 1), 891),
    (date(2022, 4, 1), 950),
    (date(2023, 4, 1), 1_042),
    (date(2024, 4, 1), 1_144),
    (date(2025, 4, 1), 1_221),
];

/// The Real Living Wage in pence an hour, by the day it was announced (Living Wage Foundation).
pub(super) const REAL_LIVING_WAGE: &[(Date, u32)] = &[
    (date(2015, 11, 2), 825),
    (date(2016, 10, 31), 845),
    (date(2017, 11, 6), 875),
    (date(2018, 11, 5), 900),
    (date(2019, 11, 11), 930),
    (date(2020, 11, 9), 950),
    (date(2021, 11, 15), 990),
    (date(2022, 9, 22), 1_090),
    (date(2023, 10, 24), 1_200),
    (date(2024, 10, 23), 1_260),
];

/// The same for London.
pub(super) const LONDON_LIVING_WAGE: &[(Date, u32)] = &[
    (date(2015, 11, 2), 940),
    (date(2016, 10, 31), 975),
    (date(2017, 11, 6), 1_020),
    (date(2018, 11, 5), 1_055),
    (date(2019, 11, 11), 1_075),
    (date(2020, 11, 9), 1_085),
    (date(2021, 11, 15), 1_105),
    (date(2022, 9, 22), 1_195),
    (date(2023, 10, 24), 1_315),
    (date(2024, 10, 23), 1_385),
];

/// The residents of Greater Manchester's ten districts in thousands (Census 2021), Bolton first.
pub(super) const GREATER_MANCHESTER: &[(u32, &str)] = &[
    (296, "E08000001"),
    (194, "E08000002"),
    (552, "E08000003"),
    (242, "E08000004"),
    (224, "E08000005"),
    (270, "E08000006"),
    (295, "E08000007"),
    (231, "E08000008"),
    (235, "E08000009"),
    (329, "E08000010"),
];

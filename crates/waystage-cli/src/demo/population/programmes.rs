//! The programmes that people are referred to. Ids, referral periods, groups, areas, rules and
//! fees are those of the example packs (`whp-pioneer` in Halton only, `working-capital` and
//! `whp-national` not at all); who refers and who provides is invented.

use super::calendar::{Date, date};
use super::figures::{
    GREATER_MANCHESTER, LONDON_LIVING_WAGE, NATIONAL_LIVING_WAGE, PIONEER_GROUPS, REAL_LIVING_WAGE,
    WORK_AND_HEALTH_GROUPS,
};

/// Choices with their weights.
pub(super) type Weighted = &'static [(u32, &'static str)];

/// A programme as far as generating lives in it needs.
pub(super) struct Programme {
    pub(super) id: &'static str,
    /// Where numbers of participations begin.
    pub(super) initials: &'static str,
    /// The first and the last day of referrals.
    pub(super) referrals: (Date, Date),
    pub(super) groups: Weighted,
    pub(super) areas: Weighted,
    pub(super) providers: Weighted,
    pub(super) referrers: Weighted,
    /// Days of support in search of work, and then in work.
    pub(super) search_days: u32,
    pub(super) in_work_days: u32,
    /// Whether some referrals went to a control group.
    pub(super) randomised: bool,
    pub(super) fees: &'static [Fee],
}

/// An outcome that a provider may claim.
pub(super) struct Fee {
    pub(super) rule: &'static str,
    pub(super) pence: &'static str,
    pub(super) belief: Belief,
}

/// What makes a provider believe that the outcome happened.
#[derive(Clone, Copy)]
pub(super) enum Belief {
    /// Pay of 16 hours a week for 26 weeks at this rate within 638 days.
    Earnings(&'static [(Date, u32)]),
    /// So many days of self-employment.
    SelfEmployed { days: u32 },
    /// Work without a longer gap, of at least the minutes a week.
    Unbroken { days: u32, gap_days_max: u32, weekly_minutes_min: u32 },
    /// In work at some time in the 28 days after leaving.
    AtExit,
}

/// The group of people who have a job when they are referred.
pub(super) const IN_WORK_AT_RISK: &str = "in_work_at_risk";

/// The only group that is mandated to take part.
pub(super) const LONG_TERM_UNEMPLOYED: &str = "long_term_unemployed";

/// The days on which long-term unemployed people could be mandated: suspended in the pandemic
/// until May 2022 and again from the end of October 2022 (domain reference, 2.1).
pub(super) const MANDATION: [(Date, Date); 2] =
    [(date(2018, 1, 29), date(2020, 3, 20)), (date(2022, 5, 3), date(2022, 10, 28))];

/// Programmes by weight: the people planned in `working_well_targets_and_funding`, with the
/// smallest and the ones outside Greater Manchester raised so that a small extract has them.
pub(super) const PROGRAMMES: &[(u32, &Programme)] = &[
    (105, &PILOT),
    (215, &EXPANSION),
    (455, &WORK_AND_HEALTH),
    (125, &EARLY_HELP),
    (55, &SPECIALIST),
    (15, &HALTON),
    (14, &PIONEER),
    (16, &CENTRAL_LONDON),
];

const HALTON_AREA: Weighted = &[(1, "E06000006")];

const LONDON_AREAS: Weighted = &[
    (21, "E09000007"),
    (1, "E09000001"),
    (26, "E09000012"),
    (18, "E09000014"),
    (22, "E09000019"),
    (14, "E09000020"),
    (32, "E09000022"),
    (30, "E09000023"),
    (31, "E09000028"),
    (31, "E09000030"),
    (33, "E09000032"),
    (20, "E09000033"),
];

const JOBCENTRE_MOSTLY: Weighted =
    &[(80, "jobcentre"), (8, "self"), (7, "local_authority"), (5, "signposting")];

const SELF_EMPLOYED: Fee = Fee {
    rule: "self-employed-outcome",
    pence: "250000",
    belief: Belief::SelfEmployed { days: 182 },
};

static PILOT: Programme = Programme {
    id: "working-well-pilot",
    initials: "WWP",
    referrals: (date(2014, 3, 3), date(2016, 3, 31)),
    groups: &[(1, "esa_wrag")],
    areas: GREATER_MANCHESTER,
    providers: &[(55, "provider-a"), (45, "provider-b")],
    referrers: &[(1, "jobcentre")],
    search_days: 730,
    in_work_days: 365,
    randomised: false,
    fees: &[Fee {
        rule: "sustained-12-months",
        pence: "300000",
        belief: Belief::Unbroken { days: 365, gap_days_max: 14, weekly_minutes_min: 0 },
    }],
};

static EXPANSION: Programme = Programme {
    id: "working-well-expansion",
    initials: "WWE",
    referrals: (date(2016, 4, 1), date(2018, 3, 30)),
    groups: &[(40, "esa_wrag"), (20, "jsa"), (30, "universal_credit"), (10, "income_support")],
    areas: GREATER_MANCHESTER,
    providers: &[(50, "provider-a"), (35, "provider-b"), (15, "provider-c")],
    referrers: JOBCENTRE_MOSTLY,
    search_days: 730,
    in_work_days: 365,
    randomised: false,
    fees: &[
        Fee {
            rule: "sustained-26-weeks",
            pence: "80000",
            belief: Belief::Unbroken { days: 182, gap_days_max: 7, weekly_minutes_min: 480 },
        },
        Fee {
            rule: "sustained-12-months",
            pence: "160000",
            belief: Belief::Unbroken { days: 365, gap_days_max: 28, weekly_minutes_min: 0 },
        },
    ],
};

static WORK_AND_HEALTH: Programme = Programme {
    id: "working-well-whp",
    initials: "WHP",
    referrals: (date(2018, 1, 29), date(2024, 9, 30)),
    groups: WORK_AND_HEALTH_GROUPS,
    areas: GREATER_MANCHESTER,
    providers: &[(40, "provider-a"), (35, "provider-c"), (25, "provider-d")],
    referrers: JOBCENTRE_MOSTLY,
    search_days: 456,
    in_work_days: 182,
    randomised: true,
    fees: &[
        Fee { rule: "job-outcome", pence: "250000", belief: Belief::Earnings(REAL_LIVING_WAGE) },
        SELF_EMPLOYED,
    ],
};

static EARLY_HELP: Programme = Programme {
    id: "working-well-early-help",
    initials: "WEH",
    referrals: (date(2019, 3, 1), date(2022, 3, 31)),
    groups: &[(60, IN_WORK_AT_RISK), (40, "newly_unemployed")],
    areas: GREATER_MANCHESTER,
    providers: &[(70, "provider-e"), (30, "provider-d")],
    referrers: &[(55, "gp"), (30, "self"), (15, "employer")],
    search_days: 183,
    in_work_days: 0,
    randomised: false,
    fees: &[Fee { rule: "in-work-at-exit", pence: "30000", belief: Belief::AtExit }],
};

static SPECIALIST: Programme = Programme {
    id: "specialist-employment-service",
    initials: "SES",
    referrals: (date(2020, 2, 3), date(2023, 3, 31)),
    groups: &[(38, "learning_disability"), (32, "autism"), (30, "severe_mental_illness")],
    areas: GREATER_MANCHESTER,
    providers: &[(60, "provider-f"), (40, "provider-b")],
    referrers: &[(50, "local_authority"), (25, "gp"), (15, "self"), (10, "jobcentre")],
    search_days: 365,
    in_work_days: 182,
    randomised: false,
    fees: &[Fee {
        rule: "weeks-13-in-16",
        pence: "150000",
        belief: Belief::Unbroken { days: 91, gap_days_max: 0, weekly_minutes_min: 420 },
    }],
};

static HALTON: Programme = Programme {
    id: "halton-ways-to-work",
    initials: "HWW",
    referrals: (date(2015, 6, 1), date(2025, 7, 31)),
    groups: &[(60, "economically_inactive"), (40, "unemployed")],
    areas: HALTON_AREA,
    providers: &[(1, "provider-g")],
    referrers: &[(40, "self"), (35, "local_authority"), (25, "jobcentre")],
    search_days: 365,
    in_work_days: 210,
    randomised: false,
    fees: &[
        Fee {
            rule: "weeks-13-in-16",
            pence: "90000",
            belief: Belief::Unbroken { days: 91, gap_days_max: 0, weekly_minutes_min: 960 },
        },
        Fee {
            rule: "weeks-26-in-30",
            pence: "110000",
            belief: Belief::Unbroken { days: 182, gap_days_max: 0, weekly_minutes_min: 960 },
        },
    ],
};

static PIONEER: Programme = Programme {
    id: "whp-pioneer",
    initials: "WPI",
    referrals: (date(2023, 9, 1), date(2024, 9, 30)),
    groups: PIONEER_GROUPS,
    areas: HALTON_AREA,
    providers: &[(60, "provider-g"), (40, "provider-h")],
    referrers: JOBCENTRE_MOSTLY,
    search_days: 456,
    in_work_days: 182,
    randomised: false,
    fees: &[Fee {
        rule: "job-outcome",
        pence: "260000",
        belief: Belief::Earnings(NATIONAL_LIVING_WAGE),
    }],
};

static CENTRAL_LONDON: Programme = Programme {
    id: "central-london-works",
    initials: "CLW",
    referrals: (date(2018, 3, 1), date(2023, 3, 31)),
    groups: WORK_AND_HEALTH_GROUPS,
    areas: LONDON_AREAS,
    providers: &[(65, "provider-i"), (35, "provider-h")],
    referrers: JOBCENTRE_MOSTLY,
    search_days: 456,
    in_work_days: 182,
    randomised: true,
    fees: &[
        Fee {
            rule: "job-outcome",
            pence: "220000",
            belief: Belief::Earnings(NATIONAL_LIVING_WAGE),
        },
        Fee {
            rule: "london-living-wage-outcome",
            pence: "40000",
            belief: Belief::Earnings(LONDON_LIVING_WAGE),
        },
        Fee {
            rule: "self-employed-outcome",
            pence: "220000",
            belief: Belief::SelfEmployed { days: 182 },
        },
    ],
};

impl Programme {
    /// Tells whether its outcomes are read from a payroll feed.
    pub(super) fn has_payroll_feed(&self) -> bool {
        self.fees.iter().any(|fee| matches!(fee.belief, Belief::Earnings(_)))
    }

    /// Tells whether people of the area may be referred to it.
    pub(super) fn covers(&self, area: &str) -> bool {
        self.areas.iter().any(|(_, code)| *code == area)
    }
}

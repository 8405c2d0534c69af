//! The packs and tables that are compiled in, as texts with their file names.

const PACKS: &[(&str, &str)] = &[
    ("central-london-works.toml", include_str!("../packs/central-london-works.toml")),
    ("connect-to-work.toml", include_str!("../packs/connect-to-work.toml")),
    ("construction-careers.toml", include_str!("../packs/construction-careers.toml")),
    ("fair-start-scotland.toml", include_str!("../packs/fair-start-scotland.toml")),
    ("halton-ways-to-work.toml", include_str!("../packs/halton-ways-to-work.toml")),
    ("ipes.toml", include_str!("../packs/ipes.toml")),
    ("ips-primary-care.toml", include_str!("../packs/ips-primary-care.toml")),
    ("jets.toml", include_str!("../packs/jets.toml")),
    ("london-whp-llw.toml", include_str!("../packs/london-whp-llw.toml")),
    ("restart.toml", include_str!("../packs/restart.toml")),
    (
        "specialist-employment-service.toml",
        include_str!("../packs/specialist-employment-service.toml"),
    ),
    ("whp-national.toml", include_str!("../packs/whp-national.toml")),
    ("whp-pioneer.toml", include_str!("../packs/whp-pioneer.toml")),
    ("work-programme.toml", include_str!("../packs/work-programme.toml")),
    ("working-capital.toml", include_str!("../packs/working-capital.toml")),
    ("working-well-early-help.toml", include_str!("../packs/working-well-early-help.toml")),
    ("working-well-expansion.toml", include_str!("../packs/working-well-expansion.toml")),
    ("working-well-pilot.toml", include_str!("../packs/working-well-pilot.toml")),
    ("working-well-whp.toml", include_str!("../packs/working-well-whp.toml")),
];

const TABLES: &[(&str, &str)] = &[
    ("areas.toml", include_str!("../tables/areas.toml")),
    ("calendars.toml", include_str!("../tables/calendars.toml")),
    ("rates.toml", include_str!("../tables/rates.toml")),
];

/// Returns the bundled packs: file name and text.
pub fn bundled_packs() -> &'static [(&'static str, &'static str)] {
    PACKS
}

/// Returns the bundled rate tables and calendars: file name and text.
pub fn bundled_tables() -> &'static [(&'static str, &'static str)] {
    TABLES
}

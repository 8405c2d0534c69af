//! The sections of a pack that a scenario can edit: by which key an item is known, and where its
//! dated versions stand.

/// A section of a pack.
#[derive(Clone, Copy)]
pub(super) struct Section {
    /// Its key in a pack, and in a `[[pack]]` of a scenario.
    pub(super) key: &'static str,
    /// How an edit of it is written, for messages.
    pub(super) name: &'static str,
    /// What one item of it is called, for messages.
    pub(super) what: &'static str,
    /// The key that an item is known by; none where items have no name.
    pub(super) id: Option<&'static str>,
    /// The key of its dated versions, where it has them.
    pub(super) versions: Option<&'static str>,
    /// The keys of the item itself, where it has versions; all others are theirs.
    pub(super) own: &'static [&'static str],
}

const fn flat(
    (key, name, what): (&'static str, &'static str, &'static str),
    id: Option<&'static str>,
) -> Section {
    Section { key, name, what, id, versions: None, own: &[] }
}

const VERSIONS: Option<&str> = Some("version");

/// The rules of a pack, one of which a grid sweeps.
pub(super) const RULES: &Section = &Section {
    key: "rule",
    name: "[[pack.rule]]",
    what: "rule",
    id: Some("id"),
    versions: VERSIONS,
    own: &["id", "family", "judged_by", "groups", "reference", "assumption", "version"],
};

pub(super) const SECTIONS: &[Section] = &[
    *RULES,
    Section {
        key: "fee",
        name: "[[pack.fee]]",
        what: "fee",
        id: Some("on"),
        versions: VERSIONS,
        own: &["on", "tier", "reference", "version"],
    },
    Section {
        key: "group",
        name: "[[pack.group]]",
        what: "group",
        id: Some("id"),
        versions: VERSIONS,
        own: &["id", "name", "reference", "assumption", "version"],
    },
    Section {
        key: "claim",
        name: "[[pack.claim]]",
        what: "claim rule",
        id: Some("on"),
        versions: VERSIONS,
        own: &["on", "tier", "version"],
    },
    flat(("standard", "[[pack.standard]]", "standard"), Some("id")),
    flat(("target", "[[pack.target]]", "target"), Some("id")),
    flat(("gate", "[[pack.gate]]", "gate"), Some("id")),
    flat(("limit", "[[pack.limit]]", "limit"), Some("id")),
    flat(("instrument", "[[pack.instrument]]", "instrument"), Some("id")),
    flat(("intervention", "[[pack.intervention]]", "intervention"), Some("category")),
    flat(("accelerator", "[[pack.accelerator]]", "accelerator"), Some("on")),
    flat(("retention", "[[pack.retention]]", "retention"), Some("tag")),
    flat(("severe", "[[pack.severe]]", "cut-off"), None),
    flat(("delivery_fee", "[[pack.delivery_fee]]", "delivery fee"), None),
];

impl Section {
    /// Returns whether a key is of the item itself rather than of its versions.
    pub(super) fn owns(&self, key: &str) -> bool {
        self.versions.is_none() || self.own.contains(&key)
    }

    /// Returns whether tiers stand in the versions of an item, rather than an item for each.
    pub(super) fn has_tiers_within(&self) -> bool {
        !self.owns("tier")
    }
}

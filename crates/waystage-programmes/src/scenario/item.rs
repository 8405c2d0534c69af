//! One edit of a pack's section: which items it picks, and what it does to them and to their dated
//! versions.

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};
use waystage_core::id::ProgrammeId;
use waystage_core::programme::Family;

use super::idle::idle;
use super::sections::{RULES, Section};
use super::steps::Track;
use crate::entry::Entry;
use crate::kind::{Day, OneOrMore, Text, Truth};
use crate::list::List;
use crate::notes::{Noted, Notes};
use crate::problem::Problem;
use crate::word::word;

const EFFECTIVE_FROM: &str = "effective_from";
const TIER: &str = "tier";

/// One edit of a section.
pub(super) struct ItemEdit<'t> {
    pub(super) at: usize,
    pub(super) id_at: usize,
    pub(super) section: &'static Section,
    /// Which items, by name; none for every one.
    id: Option<String>,
    pub(super) tier: Option<String>,
    families: Vec<Family>,
    has: Option<String>,
    from: Option<(NaiveDate, Spanned<DeValue<'t>>)>,
    does: Does<'t>,
}

/// What an edit does; it does one thing.
pub(super) enum Does<'t> {
    Set { set: Vec<Pair<'t>>, remove: Vec<(String, usize)> },
    Replace(Spanned<DeValue<'t>>),
    Add(Spanned<DeValue<'t>>),
    Off,
}

impl Does<'_> {
    /// Returns the keys that it sets or removes.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let (set, remove) = match self {
            Self::Set { set, remove } => (&set[..], &remove[..]),
            Self::Replace(_) | Self::Add(_) | Self::Off => (&[][..], &[][..]),
        };
        let set = set.iter().map(|(key, _)| key.get_ref().as_ref());
        set.chain(remove.iter().map(|(key, _)| key.as_str()))
    }
}

pub(super) type Pair<'t> = (Spanned<DeString<'t>>, Spanned<DeValue<'t>>);

/// Returns a copy of the table that a value is.
pub(super) fn table_of<'t>(value: &Spanned<DeValue<'t>>) -> Option<DeTable<'t>> {
    value.get_ref().as_table().cloned()
}

fn text<'v>(table: &'v DeTable<'_>, key: &str) -> Option<&'v str> {
    table.get(key)?.get_ref().as_str()
}

fn day(version: &DeTable<'_>) -> Option<NaiveDate> {
    let date = version.get(EFFECTIVE_FROM)?.get_ref().as_datetime()?.date?;
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}

impl<'t> ItemEdit<'t> {
    /// Reads an edit of a section.
    pub(super) fn of(
        entry: &Entry<'t>,
        section: &'static Section,
        notes: &mut Notes<'_>,
    ) -> Result<Self, Noted> {
        let mut keys = vec!["tier", "where", "set", "remove", "replace", "add", "off"];
        keys.extend(section.id);
        keys.extend(section.versions.map(|_| "from"));
        entry.only(notes, &keys);
        let id = section.id.map(|key| entry.required(notes, key, Text)).transpose();
        let tier = entry.optional(notes, TIER, Text);
        let (families, has) = conditions(entry, notes)?;
        let from = entry.optional(notes, "from", Day);
        let does = does(entry, section, notes)?;
        idle(entry, section, &does, notes)?;
        let from = from?.and_then(|day| Some((day, entry.toml().get("from")?.clone())));
        Ok(Self {
            at: entry.at,
            id_at: section.id.map_or(entry.at, |key| entry.at_value(key)),
            section,
            id: id?.filter(|id| id != "*"),
            tier: tier?,
            families,
            has,
            from,
            does,
        })
    }

    /// Returns the edit that sets one key of rules, from a grid.
    pub(super) fn sweeping(
        at: usize,
        (id, id_at): (&str, usize),
        tier: Option<&str>,
        pair: Pair<'t>,
    ) -> Self {
        Self {
            at,
            id_at,
            section: RULES,
            id: (id != "*").then(|| id.to_owned()),
            tier: tier.map(str::to_owned),
            families: Vec::new(),
            has: (id == "*").then(|| pair.0.get_ref().to_string()),
            from: None,
            does: Does::Set { set: vec![pair], remove: Vec::new() },
        }
    }

    /// Returns what it looks for.
    pub(super) fn has_conditions(&self) -> bool {
        self.has.is_some() || !self.families.is_empty()
    }

    pub(super) fn called(&self) -> String {
        self.id.clone().unwrap_or_else(|| "*".to_owned())
    }

    /// Returns the keys that it removes, each with its place.
    pub(super) fn removes(&self) -> &[(String, usize)] {
        match &self.does {
            Does::Set { remove, .. } => remove,
            Does::Replace(_) | Does::Add(_) | Does::Off => &[],
        }
    }

    /// Makes the edit and returns whether it found something to do.
    pub(super) fn apply<'p>(
        &'p self,
        (programme, pack): (&ProgrammeId, &mut DeTable<'p>),
        track: &mut Track,
    ) -> bool {
        let key = self.section.key;
        let old = pack.get(key).and_then(|value| value.get_ref().as_array().cloned());
        let mut items = DeArray::new();
        let mut acted = false;
        for item in old.iter().flat_map(|old| old.iter()) {
            let Some(table) = table_of(item) else {
                items.push(item.clone());
                continue;
            };
            let called = self.section.id.and_then(|key| text(&table, key));
            track.seen.extend(called.map(str::to_owned));
            if self.id.as_deref().is_none_or(|id| called == Some(id)) {
                let versions = self.versions(&table);
                let tiers = versions.into_iter().flat_map(tiers).chain(text(&table, TIER));
                track.tiers.extend(tiers.map(str::to_owned));
            }
            if !self.picks(&table) {
                items.push(item.clone());
                continue;
            }
            acted = true;
            let acted_on = track.acted_on.entry(programme.clone()).or_default();
            acted_on.extend(called.map(str::to_owned));
            match &self.does {
                Does::Set { set, remove } => items.push(self.set(table, set, remove, track)),
                Does::Replace(new) => items.push(self.replaced(&table, new)),
                Does::Add(_) => items.push(item.clone()),
                Does::Off if self.is_within() => items.push(self.without_tier(table)),
                Does::Off => {}
            }
        }
        if let Does::Add(new) = &self.does {
            acted = true;
            if self.is_there(&items) {
                track.there_already = true;
            } else {
                items.push(new.clone());
            }
        }
        track.acted |= acted;
        if acted {
            let span = pack.get(key).map_or(self.at..self.at, Spanned::span);
            let name = Spanned::new(self.at..self.at, DeString::from(key));
            pack.remove(key);
            if !items.is_empty() {
                pack.insert(name, Spanned::new(span, DeValue::Array(items)));
            }
        }
        acted
    }

    /// Returns whether an item of the same name, and tier, is among these.
    fn is_there(&self, items: &DeArray<'_>) -> bool {
        let name = |item: &DeTable<'_>| {
            let id = self.section.id.and_then(|key| text(item, key)) == self.id.as_deref();
            id && text(item, TIER) == self.tier.as_deref()
        };
        let mut tables = items.iter().filter_map(|item| item.get_ref().as_table());
        self.id.is_some() && tables.any(name)
    }

    fn picks(&self, item: &DeTable<'_>) -> bool {
        if matches!(self.does, Does::Add(_)) {
            return false;
        }
        let named = self.section.id.and_then(|key| text(item, key));
        let by_name = self.id.as_deref().is_none_or(|id| named == Some(id));
        let family = text(item, "family").and_then(Family::parse);
        let by_family = self.families.is_empty()
            || family.is_some_and(|family| self.families.contains(&family));
        let by_key = self.has.as_deref().is_none_or(|key| {
            let of_tier = |version: &&DeTable<'_>| {
                let tier = self.tier.as_deref();
                tier.and_then(|tier| tier_of(version, tier)).is_some_and(|it| it.contains_key(key))
            };
            let versions = self.versions(item);
            item.contains_key(key)
                || versions.iter().any(|each| has(each, key))
                || versions.iter().any(of_tier)
        });
        let by_tier = self.tier.as_deref().is_none_or(|tier| {
            text(item, TIER) == Some(tier)
                || self.versions(item).iter().any(|each| tiers(each).any(|id| id == tier))
        });
        by_name && by_family && by_key && by_tier
    }

    fn versions<'v>(&self, item: &'v DeTable<'_>) -> Vec<&'v DeTable<'v>> {
        let versions = self.section.versions.and_then(|key| item.get(key)?.get_ref().as_array());
        let versions = versions.into_iter().flat_map(|versions| versions.iter());
        versions.filter_map(|version| version.get_ref().as_table()).collect()
    }

    /// Sets and removes keys of an item and of its versions. The item now stands at the edit, so
    /// that what is missing in it is told there.
    fn set<'p>(
        &'p self,
        mut item: DeTable<'p>,
        set: &'p [Pair<'t>],
        remove: &'p [(String, usize)],
        track: &mut Track,
    ) -> Spanned<DeValue<'p>> {
        let owns = |key: &str| self.section.owns(key);
        let (own, theirs): (Vec<&Pair<'_>>, Vec<&Pair<'_>>) =
            set.iter().partition(|(key, _)| owns(key.get_ref()));
        let of_item = remove.iter().filter(|(key, _)| owns(key));
        change(&mut item, &own, of_item, track);
        let of_versions: Vec<&(String, usize)> =
            remove.iter().filter(|(key, _)| !owns(key)).collect();
        let nothing = theirs.is_empty() && of_versions.is_empty() && self.from.is_none();
        if let Some(key) = self.section.versions.filter(|_| !nothing)
            && let Some(old) = item.get(key).cloned()
        {
            let mut versions = DeArray::new();
            for (mut version, edits) in self.dated(&old) {
                if edits {
                    self.change_version(&mut version, &theirs, &of_versions, track);
                }
                versions.push(Spanned::new(self.at..self.at, DeValue::Table(version)));
            }
            item.remove(key);
            let name = Spanned::new(self.at..self.at, DeString::from(key));
            item.insert(name, Spanned::new(old.span(), DeValue::Array(versions)));
        }
        Spanned::new(self.at..self.at, DeValue::Table(item))
    }

    /// Returns the versions, each with whether the edit is of it. From a day on there is a version
    /// of its own, a copy of the one in force then.
    fn dated<'p>(&'p self, old: &Spanned<DeValue<'p>>) -> Vec<(DeTable<'p>, bool)> {
        let old = old.get_ref().as_array();
        let old = old.into_iter().flat_map(|versions| versions.iter());
        let mut all: Vec<(DeTable<'p>, bool)> =
            old.filter_map(table_of).map(|version| (version, true)).collect();
        let Some((from, written)) = &self.from else { return all };
        let later = all.iter().position(|(version, _)| day(version) > Some(*from));
        let later = later.unwrap_or(all.len());
        for (version, edits) in &mut all[..later] {
            *edits = day(version) == Some(*from);
        }
        if let Some((in_force, false)) = all[..later].last() {
            let mut copy = in_force.clone();
            copy.remove(EFFECTIVE_FROM);
            let name = Spanned::new(written.span(), DeString::from(EFFECTIVE_FROM));
            copy.insert(name, written.clone());
            all.insert(later, (copy, true));
        }
        all
    }

    fn change_version<'p>(
        &self,
        version: &mut DeTable<'p>,
        set: &[&'p Pair<'t>],
        remove: &[&(String, usize)],
        track: &mut Track,
    ) {
        let Some(tier) = self.tier.as_deref().filter(|_| self.is_within()) else {
            change(version, set, remove.iter().copied(), track);
            return;
        };
        let Some(tiers) = version.get_mut(TIER) else { return };
        let DeValue::Array(tiers) = tiers.get_mut() else { return };
        for each in tiers.iter_mut() {
            if let DeValue::Table(table) = each.get_mut()
                && text(table, "id") == Some(tier)
            {
                change(table, set, remove.iter().copied(), track);
            }
        }
    }

    /// Returns whether it is of one tier inside of items, rather than of items of a tier.
    fn is_within(&self) -> bool {
        self.tier.is_some() && self.section.has_tiers_within()
    }

    /// Takes the tier out of every version of an item. A version of no other tier is left without
    /// a threshold, which is told as a mistake of the pack.
    fn without_tier<'p>(&self, mut item: DeTable<'p>) -> Spanned<DeValue<'p>> {
        let key = self.section.versions.unwrap_or_default();
        if let Some(DeValue::Array(versions)) = item.get_mut(key).map(Spanned::get_mut) {
            for version in versions.iter_mut() {
                if let DeValue::Table(version) = version.get_mut() {
                    self.take_tier(version);
                }
            }
        }
        Spanned::new(self.at..self.at, DeValue::Table(item))
    }

    fn take_tier(&self, version: &mut DeTable<'_>) {
        let Some(DeValue::Array(tiers)) = version.get_mut(TIER).map(Spanned::get_mut) else {
            return;
        };
        let mut others = DeArray::new();
        for each in tiers.iter() {
            let id = each.get_ref().as_table().and_then(|tier| text(tier, "id"));
            if id != self.tier.as_deref() {
                others.push(each.clone());
            }
        }
        if others.is_empty() {
            version.remove(TIER);
        } else {
            *tiers = others;
        }
    }

    /// Returns the new item: what is not said anew about it stays, but for its versions.
    fn replaced<'p>(&self, old: &DeTable<'p>, new: &Spanned<DeValue<'p>>) -> Spanned<DeValue<'p>> {
        let mut table = table_of(new).unwrap_or_default();
        let stays = |key: &str| match self.section.versions {
            Some(versions) => key != versions && self.section.own.contains(&key),
            None => Some(key) == self.section.id,
        };
        for (key, value) in old {
            if stays(key.get_ref()) && !table.contains_key(key.get_ref().as_ref()) {
                table.insert(key.clone(), value.clone());
            }
        }
        Spanned::new(new.span(), DeValue::Table(table))
    }
}

fn has(version: &DeTable<'_>, key: &str) -> bool {
    version.contains_key(key)
}

/// Returns the tier of a version that has this id.
fn tier_of<'v>(version: &'v DeTable<'_>, id: &str) -> Option<&'v DeTable<'v>> {
    let tiers = version.get(TIER).and_then(|tiers| tiers.get_ref().as_array())?;
    let mut tiers = tiers.iter().filter_map(|tier| tier.get_ref().as_table());
    tiers.find(|tier| text(tier, "id") == Some(id))
}

fn tiers<'v>(version: &'v DeTable<'_>) -> impl Iterator<Item = &'v str> {
    let tiers = version.get(TIER).and_then(|tiers| tiers.get_ref().as_array());
    let tiers = tiers.into_iter().flat_map(|tiers| tiers.iter());
    tiers.filter_map(|tier| text(tier.get_ref().as_table()?, "id"))
}

/// Sets and removes keys of a table; a key that is set anew stands where it is set.
fn change<'p, 's: 'p, 'r>(
    table: &mut DeTable<'p>,
    set: &[&Pair<'s>],
    remove: impl IntoIterator<Item = &'r (String, usize)>,
    track: &mut Track,
) {
    for (key, _) in remove {
        if table.remove(key.as_str()).is_some() {
            track.removed.insert(key.clone());
        }
    }
    for (key, value) in set {
        table.remove(key.get_ref().as_ref());
        table.insert(key.clone(), value.clone());
    }
}

type Conditions = (Vec<Family>, Option<String>);

fn conditions(entry: &Entry<'_>, notes: &mut Notes<'_>) -> Result<Conditions, Noted> {
    let write = if entry.name == RULES.name {
        "where = { family = \"continuous\" }"
    } else {
        "where = { has = \"assumption\" }"
    };
    let Some(entry) = entry.some_table(notes, ("where", "where"), write)? else {
        return Ok((Vec::new(), None));
    };
    entry.only(notes, &["family", "has"]);
    let families = entry.optional(notes, "family", OneOrMore(word::<Family>()));
    let has = entry.optional(notes, "has", Text);
    Ok((families?.unwrap_or_default(), has?))
}

/// Reads what an edit does.
fn does<'t>(
    entry: &Entry<'t>,
    section: &'static Section,
    notes: &mut Notes<'_>,
) -> Result<Does<'t>, Noted> {
    let kinds = [("set", "remove"), ("replace", ""), ("add", ""), ("off", "")];
    let given = |(one, other): &(&str, &str)| entry.has(one) || entry.has(other);
    let given: Vec<&str> = kinds.iter().filter(|kind| given(kind)).map(|kind| kind.0).collect();
    match given[..] {
        [] => return Err(notes.refuse(entry.at, Problem::EditsNothing { what: section.what })),
        [first, second, ..] => {
            let (first, second) = (known(first), known(second));
            return Err(notes.refuse(entry.at_key(second), Problem::EditsTwice { first, second }));
        }
        [_] => {}
    }
    let value = |key: &str| entry.toml().get(key).cloned();
    let name = section.id.unwrap_or_default();
    let replace = entry.table(notes, ("replace", "replace"), "replace = { ... }")?;
    if let (Some(_), Some(new)) = (replace, value("replace")) {
        return Ok(Does::Replace(new));
    }
    let add = entry.table(notes, ("add", "add"), "add = { ... }")?;
    if let (Some(add), Some(new)) = (add, value("add")) {
        let mut table = add.toml().clone();
        for key in [name, TIER] {
            let pair = entry.toml().get_key_value(key);
            if let Some((key, value)) = pair.filter(|_| !add.has(key)) {
                table.insert(key.clone(), value.clone());
            }
        }
        return Ok(Does::Add(Spanned::new(new.span(), DeValue::Table(table))));
    }
    if entry.has("off") {
        if entry.required(notes, "off", Truth)? {
            return Ok(Does::Off);
        }
        return Err(notes.refuse(entry.at, Problem::EditsNothing { what: section.what }));
    }
    let set = entry.table(notes, ("set", "set"), "set = { max_gap_days = 7 }");
    let remove = entry.optional(notes, "remove", List(Text));
    let set = set?.into_iter().flat_map(|set| set.toml().iter());
    let set: Vec<_> = set.map(|(key, value)| (key.clone(), value.clone())).collect();
    let remove = remove?.unwrap_or_default();
    if set.is_empty() && remove.is_empty() {
        let key = if entry.has("set") { "set" } else { "remove" };
        return Err(notes.refuse(entry.at_key(key), Problem::EditsNothing { what: section.what }));
    }
    let at = entry.at_value("remove");
    let remove = remove.into_iter().map(|key| (key, at)).collect();
    Ok(Does::Set { set, remove })
}

const fn known(key: &str) -> &'static str {
    match key.as_bytes() {
        b"set" => "set",
        b"replace" => "replace",
        b"add" => "add",
        _ => "off",
    }
}

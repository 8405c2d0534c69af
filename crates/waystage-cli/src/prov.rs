//! Where a figure comes from, as W3C PROV-JSON: the figure, the parts and the events are entities,
//! the replay is the activity, who recorded is an agent, and versions of rules are plans. Nothing
//! in it is read from a clock, so the same figure of the same log gives the same bytes. People are
//! named by their opaque ids alone.

use serde_json::{Map, Value as Json, json};
use waystage::core::rules::RuleReading;
use waystage::core::view::Through;
use waystage::replay::{Behind, EventBehind, Explained, ReadingBehind, Role};
use waystage::store::codec;

const FIGURE: &str = "waystage:figure";
const REPLAY: &str = "waystage:replay";
const ENGINE: &str = "waystage:engine";
const PACKS: &str = "waystage:packs";

/// Returns the document. It names those participants whom the explanation has in full.
pub(crate) fn document(explained: &Explained) -> Json {
    let mut document = Document::default();
    document.of_replay(explained);
    for behind in &explained.behind {
        document.of_part(behind);
        for reading in &behind.readings {
            document.of_rule(reading);
        }
        for event in &behind.events {
            document.of_event(event, behind);
        }
    }
    let mut whole = Map::new();
    whole.insert("prefix".to_owned(), prefixes(&explained.origin));
    whole.extend(document.sections);
    Json::Object(whole)
}

/// A PROV document, section by section: each holds records by their name.
#[derive(Default)]
struct Document {
    sections: Map<String, Json>,
}

impl Document {
    fn put(&mut self, section: &str, name: &str, record: Json) {
        let section = self.sections.entry(section).or_insert_with(|| json!({}));
        if let Json::Object(section) = section {
            section.insert(name.to_owned(), record);
        }
    }

    /// Relates two records; the relation's own name says which two.
    fn relate(&mut self, relation: &str, (from, of): (&str, &str), (to, with): (&str, &str)) {
        let name = format!("_:{relation}.{}.{}", local(of), local(with));
        self.put(relation, &name, json!({ from: of, to: with }));
    }

    fn of_replay(&mut self, explained: &Explained) {
        let view = &explained.view;
        let through = match view.through {
            Through::Head => explained.last.map(|last| last.get()),
            Through::Position(position) => Some(position.get()),
        };
        let (model, version) = explained.model;
        let amount = json!({ "$": explained.amount.to_string(), "type": "xsd:long" });
        let parts = json!({ "$": explained.parts.len().to_string(), "type": "xsd:long" });
        let figure = json!({
            "prov:label": explained.figure.to_string(),
            "prov:type": qualified("waystage:Figure"),
            "prov:value": amount,
            "waystage:counts": explained.says,
            "waystage:model": model,
            "waystage:modelVersion": version.to_string(),
            "waystage:participants": parts,
            "waystage:parked": explained.parked.len().to_string(),
        });
        self.put("entity", FIGURE, figure);
        let replay = json!({
            "prov:type": qualified("waystage:Replay"),
            "waystage:asOf": { "$": view.as_of.to_string(), "type": "xsd:date" },
            "waystage:knownAt": view.known_at.to_string(),
            "waystage:basis": view.basis.as_str(),
            "waystage:through": through.map_or_else(String::new, |through| through.to_string()),
            "waystage:scenario": explained.scenario.clone().unwrap_or_default(),
            "waystage:packsDigest": explained.packs_digest.to_string(),
        });
        self.put("activity", REPLAY, replay);
        let digests = explained.packs.iter();
        let mut packs: Map<String, Json> = digests
            .map(|(name, digest)| (format!("waystage:{}", local(name)), json!(digest)))
            .collect();
        packs.insert("prov:type".to_owned(), qualified("prov:Collection"));
        self.put("entity", PACKS, packs.into());
        let engine = json!({
            "prov:type": qualified("prov:SoftwareAgent"),
            "waystage:version": env!("CARGO_PKG_VERSION"),
        });
        self.put("agent", ENGINE, engine);
        self.relate("used", ("prov:activity", REPLAY), ("prov:entity", PACKS));
        self.relate("wasGeneratedBy", ("prov:entity", FIGURE), ("prov:activity", REPLAY));
    }

    /// The part of a participant is an entity of its own: the figure is derived from it.
    fn of_part(&mut self, behind: &Behind) {
        let part = part(behind);
        let amount = json!({ "$": behind.part.amount.to_string(), "type": "xsd:long" });
        let record = json!({
            "prov:type": qualified("waystage:Part"),
            "prov:value": amount,
            "waystage:participant": behind.part.participant.to_string(),
        });
        self.put("entity", &part, record);
        self.relate("wasGeneratedBy", ("prov:entity", &part), ("prov:activity", REPLAY));
        let figure = ("prov:generatedEntity", FIGURE);
        self.relate("wasDerivedFrom", figure, ("prov:usedEntity", &part));
    }

    /// A version of a rule is the plan by which the engine replayed.
    fn of_rule(&mut self, behind: &ReadingBehind) {
        let plan = rule(&behind.reading);
        let record = json!({
            "prov:type": qualified("prov:Plan"),
            "prov:label": format!("{}/{}", behind.reading.programme, behind.reading.name()),
            "waystage:effectiveFrom":
                behind.reading.version.map_or_else(String::new, |from| from.to_string()),
            "waystage:reference": behind.reference,
            "waystage:assumption": behind.assumption.clone().unwrap_or_default(),
        });
        self.put("entity", &plan, record);
        let association = json!({
            "prov:activity": REPLAY,
            "prov:agent": ENGINE,
            "prov:plan": plan,
        });
        let name = format!("_:wasAssociatedWith.{}", local(&plan));
        self.put("wasAssociatedWith", &name, association);
    }

    fn of_event(&mut self, event: &EventBehind, behind: &Behind) {
        let name = format!("event:{}", event.id);
        let record = json!({
            "prov:type": qualified("waystage:Event"),
            "prov:label": event.label,
            "waystage:kind": codec::stored(event.kind).0,
            "waystage:on": { "$": event.on.to_string(), "type": "xsd:date" },
            "waystage:recordedAt":
                { "$": event.recorded_at.to_string(), "type": "xsd:dateTime" },
            "waystage:position": { "$": event.position.to_string(), "type": "xsd:long" },
            "waystage:leaf": event.leaf.to_string(),
        });
        self.put("entity", &name, record);
        let actor = format!("actor:{}", local(event.actor.as_str()));
        self.put("agent", &actor, json!({ "prov:label": event.actor.as_str() }));
        self.relate("wasAttributedTo", ("prov:entity", &name), ("prov:agent", &actor));
        let roles: Vec<&str> = event.roles.iter().map(|role| role.as_str()).collect();
        let used = json!({
            "prov:activity": REPLAY,
            "prov:entity": name,
            "prov:role": roles.join(" "),
        });
        self.put("used", &format!("_:used.{}", local(&name)), used);
        if event.roles.contains(&Role::Explains) {
            let part = part(behind);
            let part = ("prov:generatedEntity", part.as_str());
            self.relate("wasDerivedFrom", part, ("prov:usedEntity", &name));
        }
    }
}

fn part(behind: &Behind) -> String {
    format!("part:{}", behind.part.participant)
}

fn rule(reading: &RuleReading) -> String {
    let version = reading.version.map_or_else(|| "none".to_owned(), |from| from.to_string());
    let (programme, name) = (local(reading.programme.as_str()), local(&reading.name()));
    format!("rule:{programme}.{name}.{version}")
}

fn qualified(name: &str) -> Json {
    json!({ "$": name, "type": "prov:QUALIFIED_NAME" })
}

/// Each log has names of its own, so that documents of two logs can be put together.
fn prefixes(origin: &str) -> Json {
    let of = |what: &str| format!("urn:waystage:{}:{what}:", local(origin));
    json!({
        "actor": of("actor"),
        "event": of("event"),
        "part": of("part"),
        "rule": of("rule"),
        "waystage": of("explain"),
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

/// Returns text as the local part of a name: what may not stand in one is written as its bytes.
fn local(text: &str) -> String {
    text.bytes().fold(String::new(), |mut local, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                local.push(char::from(byte));
            }
            byte => local.extend(format!("%{byte:02X}").chars()),
        }
        local
    })
}

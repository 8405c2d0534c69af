//! What a scenario changes, in words: every result says what it was asked for.

use std::collections::BTreeSet;

use waystage_core::id::EventId;
use waystage_core::journey::correction::{Amendment, Correction, FactAmended};
use waystage_core::journey::{Fact, Kind, Record};
use waystage_core::programme::{Fee, Programme, Programmes, Rule};
use waystage_core::scenario::{Change, Condition, Scenario, Selector};
use waystage_store::codec;

/// Returns what a scenario changes: each change to facts, then each programme, rate table and
/// calendar that is read otherwise than it is in force.
pub(crate) fn changes(scenario: &Scenario, in_force: &Programmes) -> Vec<String> {
    let mut said: Vec<String> = scenario.changes.iter().map(change).collect();
    let imagined = scenario.overlay(in_force.clone());
    for (id, programme) in &imagined.programmes {
        match in_force.programmes.get(id) {
            None => said.push(format!("another programme: {id}")),
            Some(was) if was != programme => said.push(format!("{id}: {}", edits(was, programme))),
            Some(_) => {}
        }
    }
    let rates = imagined.rates.iter().filter(|(id, rates)| in_force.rates.get(*id) != Some(rates));
    said.extend(rates.map(|(id, _)| format!("other rates: {id}")));
    let others = imagined.calendars.iter();
    let others = others.filter(|(id, days)| in_force.calendars.get(*id) != Some(days));
    said.extend(others.map(|(id, _)| format!("other bank holidays: {id}")));
    said
}

fn change(change: &Change) -> String {
    match change {
        Change::Without(selector) => format!("without {}", picked(selector)),
        Change::Instead(selector, fact) => {
            format!("{} in the place of {}", content(fact), picked(selector))
        }
        Change::Also(also) => {
            format!("also {} on {} of {}", content(&also.fact), also.on, also.participant)
        }
        Change::Arrive(arrivals) => {
            format!("what would be recorded of {} participants", arrivals.participants().count())
        }
        Change::Redate(selector, days) => {
            format!("{} happened {}", picked(selector), later(*days))
        }
        Change::Rereport(selector, days) => {
            format!("{} were told {}", picked(selector), later(*days))
        }
        Change::Amend(selector, amendment) => {
            format!("{} of {}", value(amendment), picked(selector))
        }
    }
}

fn later(days: i32) -> String {
    let which = if days < 0 { "earlier" } else { "later" };
    format!("{} days {which}", days.unsigned_abs())
}

fn picked(selector: &Selector) -> String {
    let conditions: Vec<String> = selector.conditions().iter().map(condition).collect();
    if conditions.is_empty() { "every fact".to_owned() } else { conditions.join(", ") }
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Events(ids) => format!("events {}", listed(ids)),
        Condition::References(names) => format!("facts called {}", listed(names)),
        Condition::Kinds(kinds) => {
            let kinds: BTreeSet<&str> = kinds.iter().map(|kind| name(*kind)).collect();
            format!("facts of kind {}", listed(&kinds))
        }
        Condition::On { from, until } => format!("on days{}", span(*from, *until)),
        Condition::Reported { from, until } => format!("told{}", span(*from, *until)),
        Condition::Participants(ids) => format!("of participants {}", listed(ids)),
        Condition::ParticipantReferences(names) => format!("of participants {}", listed(names)),
        Condition::Participations(names) => format!("about participations {}", listed(names)),
        Condition::Programmes(ids) => format!("about programmes {}", listed(ids)),
        Condition::Areas(codes) => {
            let codes: BTreeSet<&str> = codes.iter().map(|code| code.as_str()).collect();
            format!("about areas {}", listed(&codes))
        }
        Condition::Groups(groups) => format!("about groups {}", listed(groups)),
        Condition::Providers(names) => format!("about providers {}", listed(names)),
        Condition::EverReferredTo(names) => {
            format!("of everybody ever referred to {}", listed(names))
        }
        Condition::Methods(methods) => {
            let methods: BTreeSet<&str> = methods.iter().map(|method| method.as_str()).collect();
            format!("verified by {}", listed(&methods))
        }
        Condition::NeverOn(benefits) => format!("of everybody never seen on {}", listed(benefits)),
        Condition::NeverConsentedTo(purposes) => {
            format!("of everybody who never consented to {}", listed(purposes))
        }
    }
}

fn span<T: std::fmt::Display>(from: Option<T>, until: Option<T>) -> String {
    let from = from.map_or_else(String::new, |from| format!(" from {from}"));
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    format!("{from}{until}")
}

/// Returns the first few, and how many more.
fn listed<T: std::fmt::Display>(names: &BTreeSet<T>) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(ToString::to_string).collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

fn name(kind: Kind) -> &'static str {
    codec::stored(kind).0
}

/// Returns a fact with its content, as the log would write it.
fn content(fact: &Fact) -> String {
    let payload = codec::encode(&Record::Fact(fact.clone())).map(|payload| payload.bytes);
    let payload = payload.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    format!("{} {payload}", name(fact.kind()))
}

/// Returns the field that is amended and its value, as the log would write them.
fn value(amendment: &Amendment) -> String {
    let (corrects, amendment) = (EventId::from_bytes([0; 16]), amendment.clone());
    let amended = FactAmended { corrects, amendment, reason: None };
    let written = content(&Fact::Correction(Correction::FactAmended(amended)));
    let field = written.split_once("\"field\":\"").and_then(|(_, rest)| {
        let (field, rest) = rest.split_once("\",\"value\":")?;
        Some((field, rest.split_once("},\"reason\"")?.0))
    });
    field.map_or(written.clone(), |(field, value)| format!("{field} is {value}"))
}

/// Returns what differs between two readings of one programme.
fn edits(was: &Programme, is: &Programme) -> String {
    let mut said = Vec::new();
    let rules = is.rules.iter().filter(|rule| was.rule(&rule.id) != Some(rule));
    said.extend(rules.map(|rule| rule_edit(was.rule(&rule.id), rule)));
    let gone = was.rules.iter().filter(|rule| is.rule(&rule.id).is_none());
    said.extend(gone.map(|rule| format!("no rule {}", rule.id)));
    let fee_of = |of: &Programme, fee: &Fee| {
        let mut fees = of.fees.iter();
        fees.find(|each| (&each.on, &each.tier) == (&fee.on, &fee.tier)).cloned()
    };
    let fees = is.fees.iter().filter(|fee| fee_of(was, fee).as_ref() != Some(fee));
    said.extend(fees.map(|fee| format!("the fee on {}", fee.on)));
    let gone = was.fees.iter().filter(|fee| fee_of(is, fee).is_none());
    said.extend(gone.map(|fee| format!("no fee on {}", fee.on)));
    for (what, same) in [
        ("standards", was.standards == is.standards),
        ("groups", was.groups == is.groups),
        ("areas", was.areas == is.areas),
        ("calendar", was.calendar == is.calendar),
        (
            "referral days",
            (was.referrals_from, was.referrals_until) == (is.referrals_from, is.referrals_until),
        ),
        ("what else its pack says", was.provision == is.provision),
    ] {
        if !same {
            said.push(what.to_owned());
        }
    }
    if said.is_empty() { "what it says of itself".to_owned() } else { said.join(", ") }
}

fn rule_edit(was: Option<&Rule>, rule: &Rule) -> String {
    match was {
        None => format!("another rule {}", rule.id),
        Some(was) if was.family != rule.family => {
            format!("{} of family {} (was {})", rule.id, rule.family, was.family)
        }
        Some(_) => format!("the rule {}", rule.id),
    }
}

//! The rule sheet of a pack: who may join, how long support lasts, what is asked, offered, claimed,
//! planned and kept; each with where it is written and what is assumed.

use serde_json::{Value, json};
use waystage::core::calendar::DayCount;
use waystage::core::programme::{
    Accelerator, ClaimTerms, ClientGroup, Cohort, Gate, GateTest, Ground, Instrument,
    InterventionKind, Limit, Pauses, Provision, Retention, Scoring, Target, Within,
};
use waystage_caseload::pounds;

/// One line of the sheet: what it says, where it is written, and what stands below it.
struct Line<'a> {
    says: String,
    ground: &'a Ground,
    below: Vec<Line<'a>>,
}

impl<'a> Line<'a> {
    const fn new(says: String, ground: &'a Ground) -> Self {
        Self { says, ground, below: Vec::new() }
    }

    fn lines(&self, indent: usize, lines: &mut Vec<String>) {
        let space = " ".repeat(indent);
        lines.push(format!("{space}{}", self.says));
        if let Some(reference) = &self.ground.reference {
            lines.push(format!("{space}  source: {reference}"));
        }
        if let Some(assumption) = &self.ground.assumption {
            lines.push(format!("{space}  assumed: {assumption}"));
        }
        for below in &self.below {
            below.lines(indent + 2, lines);
        }
    }
}

/// Returns the sections as lines; sections of which a pack says nothing are left out.
pub(crate) fn lines(provision: &Provision) -> Vec<String> {
    let sections: [(&str, Vec<Line<'_>>); 11] = [
        ("client groups", provision.groups.iter().map(group).collect()),
        ("gates (asked about the day of the referral)", provision.gates.iter().map(gate).collect()),
        ("how long support lasts", provision.limits.iter().map(limit).collect()),
        ("instruments", provision.instruments.iter().map(instrument).collect()),
        ("severe needs", provision.severe.iter().map(severe).collect()),
        ("interventions", provision.interventions.iter().map(intervention).collect()),
        ("claims", claims(provision)),
        ("delivery fees", provision.deliveries.iter().map(delivery).collect()),
        ("accelerators", provision.accelerators.iter().map(accelerator).collect()),
        ("targets", provision.targets.iter().map(target).collect()),
        ("retention", provision.retentions.iter().map(retention).collect()),
    ];
    let mut lines = Vec::new();
    for (title, section) in sections.into_iter().filter(|(_, section)| !section.is_empty()) {
        lines.push(String::new());
        lines.push(format!("{title}:"));
        for line in section {
            line.lines(2, &mut lines);
        }
    }
    lines
}

fn group(group: &ClientGroup) -> Line<'_> {
    let below = group.versions.iter().map(|version| {
        let open = if version.open { "referrals are taken" } else { "no referrals are taken" };
        let (from, by) = (version.effective_from, version.participation);
        Line::new(format!("from {from}: {by}, {open}"), &version.ground)
    });
    let says = format!("{}: {}", group.id, group.name);
    Line { below: below.collect(), ..Line::new(says, &group.ground) }
}

fn gate(gate: &Gate) -> Line<'_> {
    Line::new(format!("{}: {}", gate.id, asked(&gate.test)), &gate.ground)
}

/// Returns the question of a gate in words.
fn asked(test: &GateTest) -> String {
    let named = |list: &[waystage::core::id::ProgrammeId]| {
        list.iter().map(|each| each.as_str()).collect::<Vec<_>>().join(", ")
    };
    match test {
        GateTest::ReferredInTime => "referred within the days of referrals?".to_owned(),
        GateTest::LivesInArea => "lives in one of the areas?".to_owned(),
        GateTest::GroupIsOpen => "group open, and joined as it is joined?".to_owned(),
        GateTest::Age { least, most: Some(most) } => format!("{least} to {most} years old?"),
        GateTest::Age { least, most: None } => format!("{least} years old or older?"),
        GateTest::OutOfWork => "out of work?".to_owned(),
        GateTest::OnBenefit { benefits } => format!("on one of {}?", benefits.join(", ")),
        GateTest::NeverStarted { programmes } => format!("never started {}?", named(programmes)),
        GateTest::NotAtOnceWith { programmes } if programmes.is_empty() => {
            "on no other programme at the same time?".to_owned()
        }
        GateTest::NotAtOnceWith { programmes } => {
            format!("not on {} at the same time?", named(programmes))
        }
        GateTest::AssessedEligible => "assessed as eligible?".to_owned(),
    }
}

/// Returns the name of a gate's test, as packs write it.
const fn test_name(test: &GateTest) -> &'static str {
    match test {
        GateTest::ReferredInTime => "referred_in_time",
        GateTest::LivesInArea => "lives_in_area",
        GateTest::GroupIsOpen => "group_is_open",
        GateTest::Age { .. } => "age",
        GateTest::OutOfWork => "out_of_work",
        GateTest::OnBenefit { .. } => "on_benefit",
        GateTest::NeverStarted { .. } => "never_started",
        GateTest::NotAtOnceWith { .. } => "not_at_once_with",
        GateTest::AssessedEligible => "assessed_eligible",
    }
}

const fn day_count(count: DayCount) -> &'static str {
    match count {
        DayCount::StartIsDay0 => "start_is_day_0",
        DayCount::StartIsDay1 => "start_is_day_1",
    }
}

fn limit(limit: &Limit) -> Line<'_> {
    let pauses = match limit.pauses {
        Pauses::Extend => "a pause stops the clock",
        Pauses::Ignore => "a pause changes nothing",
    };
    let first = match limit.day_count {
        DayCount::StartIsDay0 => "the first day is day 0",
        DayCount::StartIsDay1 => "the first day is day 1",
    };
    let (id, phase, days) = (&limit.id, limit.phase.as_str().replace('_', " "), limit.days);
    Line::new(format!("{id}: {phase}, {days} days ({first}), {pauses}"), &limit.ground)
}

fn instrument(instrument: &Instrument) -> Line<'_> {
    let count = instrument.count();
    let domains = instrument.questions.iter().map(|each| {
        let range = match (each.least, each.most) {
            (Some(least), Some(most)) => format!(", answered {least} to {most}"),
            _ => String::new(),
        };
        format!("{} {}{range}", each.domain, each.codes.len())
    });
    let domains = domains.collect::<Vec<_>>().join("; ");
    let says = format!("{}: {}, {count} questions ({domains})", instrument.id, instrument.name);
    Line {
        below: instrument.scorings.iter().map(scoring).collect(),
        ..Line::new(says, &instrument.ground)
    }
}

fn scoring(scoring: &Scoring) -> Line<'_> {
    let (better, side) =
        if scoring.lower_is_better { ("lower", "or more") } else { ("higher", "or less") };
    let severe = scoring.severe_from.map(|from| format!("severe at {from} {side}"));
    let change = scoring.change.map(|change| format!("a change of {change} means something"));
    let says = [format!("answers are added up, {better} is better")];
    let says: Vec<String> = says.into_iter().chain(severe).chain(change).collect();
    Line::new(format!("version {}: {}", scoring.version, says.join(", ")), &scoring.ground)
}

fn severe(severe: &waystage::core::programme::SevereFrom) -> Line<'_> {
    let (from, severity) = (severe.effective_from, severe.severity);
    Line::new(format!("from {from}: severe at {severity} of 6 or more"), &severe.ground)
}

fn intervention(kind: &InterventionKind) -> Line<'_> {
    let delivery: Vec<String> =
        kind.delivery.iter().map(|each| each.as_str().replace('_', " ")).collect();
    let delivery = if delivery.is_empty() { "any way".to_owned() } else { delivery.join(" or ") };
    let services = Some(kind.services.join(", ")).filter(|services| !services.is_empty());
    let says = [Some(kind.name.clone()), services, Some(format!("delivered {delivery}"))];
    let says: Vec<String> = says.into_iter().flatten().collect();
    Line::new(format!("{}: {}", kind.category, says.join("; ")), &kind.ground)
}

fn claims(provision: &Provision) -> Vec<Line<'_>> {
    let versions = provision.claims.iter().flat_map(|rule| {
        rule.versions.iter().map(move |terms| {
            let says = format!("{} from {}: {}", rule.on, terms.effective_from, needed(terms));
            Line::new(says, &terms.ground)
        })
    });
    versions.collect()
}

fn needed(terms: &ClaimTerms) -> String {
    let wait = match terms.wait {
        Some(Within::WorkingDays(days)) => format!("{days} working days after the outcome"),
        Some(Within::Days(days)) => format!("{days} days after the outcome"),
        None => "at once".to_owned(),
    };
    let attempts = match terms.attempts {
        Some(1) => "once".to_owned(),
        Some(attempts) => format!("at most {attempts} times"),
        None => "as often as need be".to_owned(),
    };
    let evidence: Vec<&str> = terms.evidence.iter().map(|method| method.as_str()).collect();
    let evidence =
        if evidence.is_empty() { "any evidence".to_owned() } else { evidence.join(" or ") };
    let last = terms.line_closes.map(|last| format!(", until {last}")).unwrap_or_default();
    format!("{wait}, {attempts}, with {evidence}{last}")
}

fn delivery(fee: &waystage::core::programme::DeliveryFee) -> Line<'_> {
    let amount = fee.pence.map(|pence| format!("{} a month", pounds(pence)));
    let amount = amount.unwrap_or_else(|| "amount not stated".to_owned());
    Line::new(format!("{} to {}: {amount}", fee.from, fee.until), &fee.ground)
}

fn accelerator(each: &Accelerator) -> Line<'_> {
    let amount = each.pence.map(|pence| format!("{} more each", pounds(pence)));
    let amount = amount.unwrap_or_else(|| "amount not stated".to_owned());
    let tier = each.tier.as_ref().map(|tier| format!("/{tier}")).unwrap_or_default();
    let cohort = match each.cohort {
        Cohort::All => "all starts".to_owned(),
        cohort => format!("the starts of a {cohort}"),
    };
    let (on, above) = (&each.on, each.above);
    Line::new(format!("{on}{tier}, above {above} of {cohort}: {amount}"), &each.ground)
}

fn target(target: &Target) -> Line<'_> {
    let total: u64 = target.profile.values().map(|count| u64::from(*count)).sum();
    let span = match (target.profile.keys().next(), target.profile.keys().last()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "no month".to_owned(),
    };
    let counts = target.rule.as_ref().map_or_else(
        || target.measure.as_str().replace('_', " "),
        |rule| format!("outcomes of {rule}"),
    );
    let area = target.area.map(|area| format!(" in {area}")).unwrap_or_default();
    let group = target.group.as_ref().map(|group| format!(" for {group}")).unwrap_or_default();
    let says = format!("{}: {counts}{area}{group}, {total} planned, {span}", target.id);
    Line::new(says, &target.ground)
}

fn retention(retention: &Retention) -> Line<'_> {
    let until = retention.until.map(|day| format!("until {day}"));
    let months = retention.months_after_end.map(|months| format!("{months} months after the end"));
    let kept = until.into_iter().chain(months).collect::<Vec<_>>().join(" and ");
    let starts = match (retention.starts_from, retention.starts_until) {
        (None, None) => String::new(),
        (Some(from), None) => format!(", starts from {from}"),
        (None, Some(until)) => format!(", starts until {until}"),
        (Some(from), Some(until)) => format!(", starts from {from} until {until}"),
    };
    Line::new(format!("{}: kept {kept}{starts}", retention.tag), &retention.ground)
}

/// Returns an object with where it is written and what is assumed.
fn grounded(mut object: Value, ground: &Ground) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.insert("reference".to_owned(), json!(ground.reference));
        map.insert("assumption".to_owned(), json!(ground.assumption));
    }
    object
}

/// Returns the sections as JSON, by the names that packs give them.
pub(crate) fn json(provision: &Provision) -> [(&'static str, Value); 11] {
    fn all<T>(list: &[T], json: impl Fn(&T) -> Value) -> Value {
        Value::Array(list.iter().map(json).collect())
    }
    let severe = |each: &waystage::core::programme::SevereFrom| {
        let from = each.effective_from.to_string();
        grounded(json!({ "effective_from": from, "severity": each.severity }), &each.ground)
    };
    let delivery = |each: &waystage::core::programme::DeliveryFee| {
        let (from, until) = (each.from.to_string(), each.until.to_string());
        let fee = json!({ "from": from, "until": until, "pence_a_month": each.pence });
        grounded(fee, &each.ground)
    };
    let accelerator = |each: &Accelerator| {
        let (on, tier) = (each.on.as_str(), each.tier.as_ref().map(ToString::to_string));
        let (cohort, above, more) = (each.cohort.as_str(), each.above, each.pence);
        let terms = json!({
            "on": on, "tier": tier, "cohort": cohort, "above": above, "pence_more": more,
        });
        grounded(terms, &each.ground)
    };
    [
        ("client_groups", all(&provision.groups, group_json)),
        ("gates", all(&provision.gates, gate_json)),
        ("limits", all(&provision.limits, limit_json)),
        ("instruments", all(&provision.instruments, instrument_json)),
        ("severe", all(&provision.severe, severe)),
        ("interventions", all(&provision.interventions, intervention_json)),
        ("claims", all(&provision.claims, claim_json)),
        ("delivery_fees", all(&provision.deliveries, delivery)),
        ("accelerators", all(&provision.accelerators, accelerator)),
        ("targets", all(&provision.targets, target_json)),
        ("retention", all(&provision.retentions, retention_json)),
    ]
}

fn group_json(group: &ClientGroup) -> Value {
    let versions = group.versions.iter().map(|version| {
        let object = json!({
            "effective_from": version.effective_from.to_string(),
            "participation": version.participation.as_str(),
            "open": version.open,
        });
        grounded(object, &version.ground)
    });
    let versions: Vec<Value> = versions.collect();
    let object = json!({ "id": group.id, "name": group.name, "versions": versions });
    grounded(object, &group.ground)
}

fn gate_json(gate: &Gate) -> Value {
    let mut object = json!({
        "id": gate.id, "test": test_name(&gate.test), "asks": asked(&gate.test),
    });
    let names = |list: &[waystage::core::id::ProgrammeId]| {
        json!(list.iter().map(|each| each.as_str()).collect::<Vec<_>>())
    };
    let own = match &gate.test {
        GateTest::Age { least, most } => vec![("least", json!(least)), ("most", json!(most))],
        GateTest::OnBenefit { benefits } => vec![("benefits", json!(benefits))],
        GateTest::NeverStarted { programmes } | GateTest::NotAtOnceWith { programmes } => {
            vec![("programmes", names(programmes))]
        }
        GateTest::ReferredInTime
        | GateTest::LivesInArea
        | GateTest::GroupIsOpen
        | GateTest::OutOfWork
        | GateTest::AssessedEligible => Vec::new(),
    };
    if let Some(map) = object.as_object_mut() {
        map.extend(own.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    grounded(object, &gate.ground)
}

fn limit_json(limit: &Limit) -> Value {
    let object = json!({
        "id": limit.id, "phase": limit.phase.as_str(), "days": limit.days,
        "day_count": day_count(limit.day_count), "pauses": limit.pauses.as_str(),
    });
    grounded(object, &limit.ground)
}

fn instrument_json(instrument: &Instrument) -> Value {
    let questions = instrument.questions.iter().map(|each| {
        json!({
            "domain": each.domain, "codes": each.codes, "count": each.codes.len(),
            "least": each.least, "most": each.most,
        })
    });
    let scorings = instrument.scorings.iter().map(|each| {
        let object = json!({
            "version": each.version, "lower_is_better": each.lower_is_better,
            "severe_from": each.severe_from, "change": each.change,
        });
        grounded(object, &each.ground)
    });
    let object = json!({
        "id": instrument.id, "name": instrument.name, "count": instrument.count(),
        "questions": questions.collect::<Vec<_>>(), "scorings": scorings.collect::<Vec<_>>(),
    });
    grounded(object, &instrument.ground)
}

fn intervention_json(kind: &InterventionKind) -> Value {
    let delivery: Vec<&str> = kind.delivery.iter().map(|each| each.as_str()).collect();
    let object = json!({
        "category": kind.category, "name": kind.name, "services": kind.services,
        "delivery": delivery,
    });
    grounded(object, &kind.ground)
}

fn claim_json(rule: &waystage::core::programme::ClaimRule) -> Value {
    let versions = rule.versions.iter().map(|terms| {
        let (working_days, days) = match terms.wait {
            Some(Within::WorkingDays(days)) => (Some(days), None),
            Some(Within::Days(days)) => (None, Some(days)),
            None => (None, None),
        };
        let evidence: Vec<&str> = terms.evidence.iter().map(|each| each.as_str()).collect();
        let object = json!({
            "effective_from": terms.effective_from.to_string(),
            "wait_working_days": working_days, "wait_days": days,
            "attempts": terms.attempts, "evidence": evidence,
            "line_closes": terms.line_closes.map(|day| day.to_string()),
        });
        grounded(object, &terms.ground)
    });
    json!({ "on": rule.on.as_str(), "versions": versions.collect::<Vec<_>>() })
}

fn target_json(target: &Target) -> Value {
    let profile: serde_json::Map<String, Value> =
        target.profile.iter().map(|(month, count)| (month.to_string(), json!(count))).collect();
    let object = json!({
        "id": target.id, "measure": target.measure.as_str(),
        "rule": target.rule.as_ref().map(|rule| rule.as_str()),
        "area": target.area.map(|area| area.to_string()),
        "group": target.group, "profile": profile,
    });
    grounded(object, &target.ground)
}

fn retention_json(retention: &Retention) -> Value {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    let object = json!({
        "tag": retention.tag, "until": day(retention.until),
        "months_after_end": retention.months_after_end,
        "starts_from": day(retention.starts_from), "starts_until": day(retention.starts_until),
    });
    grounded(object, &retention.ground)
}

//! `explain`: what is behind a figure, as its users see it.

use std::collections::BTreeMap;
use std::fs;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{Store, VIEW, keys, says};

const SUSTAINED: &str = "funnel_outcomes.met[rule=sustained-12-months]";

fn text(store: &Store, arguments: &[&str]) -> String {
    let output = store.run(&[&["explain"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn one(store: &Store, arguments: &[&str]) -> Value {
    let mut documents = store.json(&[&["explain"], arguments].concat());
    assert_eq!(documents.len(), 1, "{arguments:?}");
    documents.remove(0)
}

#[test]
fn without_a_figure_it_lists_every_table() {
    let store = Store::new();
    let tables = store.json(&["explain"]);
    let names: Vec<&str> = tables.iter().map(|table| table["table"].as_str().unwrap()).collect();
    for name in ["caseload", "funnel", "funnel_outcomes", "needs", "fees", "targets", "ages"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(keys(&tables[0]), ["columns", "measures", "says", "table"]);
    let printed = text(&store, &[]);
    assert!(printed.contains("\nfees: Fees that were earned, by the pack's own amounts.\n"));
    assert!(printed.contains("\n  [month=month] The month of the day that earned the fee.\n"));
}

/// The same sums stand in the kept tables, measure by measure, and behind each is who adds to it.
#[test]
fn every_measure_of_every_table_is_explained_and_is_what_the_kept_table_holds() {
    let store = Store::with_extract();
    store.run(&["rebuild", "--as-of", "2021-09-30"]);
    let kept = Connection::open(store.folder.path().join("store/waystage.views.db")).unwrap();
    let tables = store.json(&["explain"]);
    let (mut measures, mut amounts) = (0, 0);
    for table in &tables {
        let name = table["table"].as_str().unwrap();
        for measure in table["measures"].as_array().unwrap() {
            let measure = measure["name"].as_str().unwrap();
            let figure = format!("{name}.{measure}");
            let explained = one(&store, &[&figure, "--as-of", "2021-09-30", "--limit", "1"]);
            let sum = format!("SELECT ifnull(sum({measure}), 0) FROM {name}");
            let sum: i64 = kept.query_row(&sum, [], |row| row.get(0)).unwrap();
            assert_eq!(explained["amount"], sum, "{figure}");
            let parts = explained["parts"].as_array().unwrap();
            let added: i64 = parts.iter().map(|part| part["amount"].as_i64().unwrap()).sum();
            assert_eq!(added, sum, "{figure}");
            assert_eq!(explained["behind"].as_array().unwrap().len(), parts.len().min(1));
            measures += 1;
            amounts += usize::from(sum != 0);
        }
    }
    assert!(measures > 50 && amounts > 30, "{amounts} of {measures} are not nothing");
}

#[test]
fn a_figure_names_people_rules_reasons_and_events() {
    let store = Store::with_extract();
    let explained = one(&store, &[&[SUSTAINED], VIEW].concat());
    let expected = [
        "amount",
        "behind",
        "figure",
        "log",
        "model",
        "packs",
        "packs_digest",
        "parked",
        "parts",
        "reasons",
        "says",
        "scenario",
        "view",
    ];
    assert_eq!(keys(&explained), expected);
    assert_eq!(explained["figure"], SUSTAINED);
    assert_eq!(explained["model"], json!({ "name": "funnel", "version": 1 }));
    let behind = &explained["behind"][0];
    assert_eq!(keys(behind), ["amount", "events", "participant", "readings", "reference", "rows"]);
    let reading = &behind["readings"][0];
    let expected = [
        "assumption",
        "because",
        "judged_by",
        "looked_at",
        "participation",
        "programme",
        "reading",
        "reason",
        "rule",
        "says",
        "source",
        "tier",
        "version",
        "why",
        "window",
    ];
    assert_eq!(keys(reading), expected);
    assert_eq!(
        (&reading["rule"], &reading["reading"]),
        (&json!("sustained-12-months"), &json!("met"))
    );
    let events = behind["events"].as_array().unwrap();
    let expected = [
        "actor",
        "id",
        "kind",
        "label",
        "leaf",
        "on",
        "position",
        "recorded_at",
        "reported_at",
        "roles",
    ];
    assert_eq!(keys(&events[0]), expected);
    let gives = events.iter().filter(|event| event["roles"].to_string().contains("gives"));
    assert!(gives.count() >= 3, "a referral, a start and a job at least: {events:#?}");
    let because: Vec<&Value> = reading["because"].as_array().unwrap().iter().collect();
    assert!(because.iter().all(|id| events.iter().any(|event| event["id"] == **id)));
    assert_eq!(one(&store, &[&[SUSTAINED], VIEW].concat()), explained, "the same again");
}

#[test]
fn a_case_file_is_printed_for_each_participant() {
    let store = Store::with_extract();
    let not_met = "funnel_outcomes.not_met[rule=sustained-12-months]";
    let printed = text(&store, &[&[not_met, "--limit", "1"], VIEW].concat());
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    assert!(lines[0].starts_with(&format!("{not_met} is ")), "{printed}");
    assert!(lines[2].starts_with("as of 2021-09-30, as known at 2021-10-14"), "{printed}");
    assert!(lines[3].starts_with("model funnel version 1; packs and tables "), "{printed}");
    let found = |says: &str| printed.contains(says);
    assert!(
        found(" reads not met: ") && found("    source: ") && found("gives the part"),
        "{printed}"
    );
    assert!(found("participants more: --limit shows them"), "{printed}");
}

/// One participant of the small extract, word for word.
const CASE: &str = "\
PSTBQQ5W (21EJ9AK7JHPGCEEZ1V1J2KN918) adds 1
  row programme=working-well-pilot area=E08000001 month=2015-05 client_group=esa_wrag \
provider=ingeus rule=sustained-12-months tier=(none): 1
  sustained-12-months (from 2014-03-01) of WWP-00002 reads not met: of 2 job starts tried the \
closest: gap of 15 days from 2016-01-01 to 2016-01-15, 14 allowed; looked from 2015-09-01 to \
2016-08-31
    source: GMCA: in work for more than 12 months
    assumed: gap allowance of 14 days (28 in all) and belief in a silent job for 84 days are not \
published
   #position  event      on          kind        by             it
   175        RF0005667  2015-05-19  Referred    system:import  gives the part
   177        PG0007952  2015-06-02  Started     system:import  gives the part
   178        JB0003096  2015-09-01  JobStarted  system:import  gives the reason
   179        JB0003099  2015-12-31  JobEnded    system:import  gives the reason
   180        JB0003100  2016-01-16  JobStarted  system:import  gives the reason
   181        JB0003103  2016-09-30  JobEnded    system:import  gives the reason
";

#[test]
fn a_gap_is_named_with_its_days_and_the_events_around_it() {
    let store = Store::with_extract();
    let not_met = "funnel_outcomes.not_met[programme=working-well-pilot,rule=sustained-12-months]";
    let printed = text(&store, &[&[not_met], VIEW].concat());
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let begins = lines.iter().position(|line| line.starts_with("PSTBQQ5W")).unwrap();
    let case: Vec<&str> = CASE.lines().collect();
    assert_eq!(lines[begins..begins + case.len()], case[..], "{printed}");
}

#[test]
fn a_figure_that_is_not_there_is_a_mistake_of_who_asks() {
    let store = Store::with_extract();
    for (figure, expected) in [
        ("funnel", "write a figure as TABLE.MEASURE or TABLE.MEASURE[column=value,column=value]"),
        ("funnels.starts", "there is no table funnels; there are: caseload, "),
        ("funnel.started", "the table funnel has no measure started; it has: referrals, "),
        ("funnel.starts[town=x]", "the table funnel has no column town; it has: programme, "),
        ("funnel.starts[month=May]", "write a month such as 2021-10"),
    ] {
        let (code, text) = says(&store.run(&["explain", figure]));
        assert_eq!(code, Some(2), "{figure}: {text}");
        assert!(text.contains(expected), "{figure}: {text}");
    }
    let (code, text) = says(&store.run(&["explain", "--prov", "x.json"]));
    assert_eq!(code, Some(2), "{text}");
    let nobody = text_of_nobody(&store);
    assert!(nobody.contains("nobody adds to it"), "{nobody}");
}

fn text_of_nobody(store: &Store) -> String {
    text(store, &["funnel.starts[programme=no-such-programme]"])
}

/// Every name that a relation of the document uses is that of a record in it.
#[test]
fn provenance_is_a_document_in_which_every_name_is_explained() {
    let store = Store::with_extract();
    let path = store.folder.path().join("figure.json");
    let file = path.to_string_lossy().into_owned();
    let explained = one(&store, &[&[SUSTAINED, "--prov", &file], VIEW].concat());
    let first = fs::read_to_string(&path).unwrap();
    one(&store, &[&[SUSTAINED, "--prov", &file], VIEW].concat());
    assert_eq!(fs::read_to_string(&path).unwrap(), first, "the same bytes again");
    let document: Value = serde_json::from_str(&first).unwrap();
    let expected = [
        "activity",
        "agent",
        "entity",
        "prefix",
        "used",
        "wasAssociatedWith",
        "wasAttributedTo",
        "wasDerivedFrom",
        "wasGeneratedBy",
    ];
    assert_eq!(keys(&document), expected);
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for kind in ["activity", "agent", "entity"] {
        kinds.extend(keys(&document[kind]).into_iter().map(|name| (name, kind)));
    }
    let ends = [
        ("prov:activity", "activity"),
        ("prov:agent", "agent"),
        ("prov:entity", "entity"),
        ("prov:generatedEntity", "entity"),
        ("prov:plan", "entity"),
        ("prov:usedEntity", "entity"),
    ];
    let mut relations = 0;
    for section in expected.iter().filter(|name| name.starts_with("was") || **name == "used") {
        for relation in document[*section].as_object().unwrap().values() {
            for (end, kind) in ends {
                if let Some(name) = relation[end].as_str() {
                    assert_eq!(kinds.get(name), Some(&kind), "{name} in {section}");
                    relations += 1;
                }
            }
        }
    }
    assert!(relations > 20, "{relations}");
    let value = &document["entity"]["waystage:figure"]["prov:value"];
    assert_eq!(value, &json!({ "$": explained["amount"].to_string(), "type": "xsd:long" }));
    let prefixes = keys(&document["prefix"]);
    for name in kinds.keys() {
        let prefix = name.split(':').next().unwrap();
        assert!(prefixes.contains(&prefix), "{name}");
    }
    for part in explained["parts"].as_array().unwrap() {
        let reference = part["reference"].as_str().unwrap();
        assert!(!first.contains(&format!("\"{reference}\"")), "{reference} is a person's");
    }
}

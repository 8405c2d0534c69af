//! What is behind figures of every read model: the parts add up to the figure, and the events that
//! are said to give a part alone give it, none of them left out.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proptest::prelude::*;
use waystage_core::contribution::Contributions;
use waystage_core::id::{EventId, ParticipantId};
use waystage_core::replayed::Lens;
use waystage_core::rules::{Answer, Reading};
use waystage_core::table::{Cell as Place, ColumnKind, Model, Table, Value};
use waystage_core::view::{Basis, View};
use waystage_replay::{Behind, Explained, Figure, Replay, Role, Sum};
use waystage_store::{EventReader, MemoryStore, NewEvent};
use waystage_testkit::laws::recorded;
use waystage_testkit::world::{World, far_end, worlds};

use crate::every::every_model;
use crate::holds;

type Events = Vec<(ParticipantId, NewEvent)>;

/// A world in a view in which it does not matter when what was recorded.
struct Seen {
    world: World,
    lens: Lens,
}

impl Seen {
    fn of(world: World, view: View) -> Self {
        let view = View { basis: Basis::Reported, ..view };
        let lens = Lens::new(view, world.adoptions.clone().into());
        Self { world, lens }
    }

    fn store(&self, keep: impl Fn(&(ParticipantId, NewEvent)) -> bool) -> MemoryStore {
        let events: Events = self.world.events.iter().filter(|each| keep(each)).cloned().collect();
        recorded(&events).unwrap()
    }

    fn explained(&self, store: &MemoryStore, model: &dyn Model, figure: &Figure) -> Explained {
        Replay::new(store, &self.lens).explain(model, figure).unwrap()
    }
}

/// Adds up a model as cells.
fn summed(store: &dyn EventReader, lens: &Lens, model: &dyn Model) -> Contributions<Place> {
    struct Cells<'m>(&'m dyn Model);
    impl waystage_core::contribution::Projection for Cells<'_> {
        type Key = Place;
        fn name(&self) -> &'static str {
            self.0.name()
        }
        fn contribute(
            &self,
            replayed: &waystage_core::replayed::Replayed<'_>,
        ) -> Contributions<Place> {
            self.0.contribute(replayed)
        }
    }
    let Sum { model, parked } = Replay::new(store, lens).sum(&Cells(model)).unwrap();
    assert!(parked.is_empty(), "{parked:?}");
    model
}

/// Returns the figure of one cell.
fn figure_of(tables: &[Table], cell: &Place) -> Figure {
    let table = &tables[cell.table];
    let columns = table.columns.iter().zip(&cell.row);
    Figure {
        table: table.name.clone(),
        measure: table.measures[cell.measure].name.to_owned(),
        columns: columns.map(|(column, value)| (column.name.to_owned(), value.clone())).collect(),
    }
}

#[test]
fn the_parts_add_up_to_every_cell_of_every_model() {
    let models = every_model();
    let cells = RefCell::new(vec![0_usize; models.len()]);
    holds(12, &worlds(), |world| {
        for view in [world.view, far_end(Basis::Reported)] {
            let seen = Seen::of(world.clone(), view);
            let store = seen.store(|_| true);
            for (place, model) in models.iter().enumerate() {
                let tables = model.tables();
                let sum = summed(&store, &seen.lens, &**model);
                cells.borrow_mut()[place] += sum.len();
                let replay = Replay::new(&store, &seen.lens);
                let mut totals: Contributions<(usize, usize)> = Contributions::none();
                for (cell, amount) in sum.iter() {
                    let figure = figure_of(&tables, cell);
                    let again = Figure::parse(&figure.to_string(), &tables).unwrap();
                    prop_assert_eq!(&again, &figure);
                    let explained = replay.explain_first(&**model, &figure, 0).unwrap();
                    let parts: i64 = explained.parts.iter().map(|part| part.amount).sum();
                    prop_assert_eq!((explained.amount, parts), (amount, amount), "{}", figure);
                    totals.count((cell.table, cell.measure), amount);
                }
                for ((table, measure), amount) in totals.iter() {
                    let of = &tables[*table];
                    let text = format!("{}.{}", of.name, of.measures[*measure].name);
                    let figure = Figure::parse(&text, &tables).unwrap();
                    let explained = replay.explain_first(&**model, &figure, 0).unwrap();
                    prop_assert_eq!(explained.amount, amount, "{}", text);
                }
            }
        }
        Ok(())
    });
    for (model, cells) in models.iter().zip(cells.into_inner()) {
        assert!(cells > 2, "{} has {cells} cells", model.name());
    }
}

/// Returns the events of a participant behind a figure that have a role.
fn with(behind: &Behind, role: Role) -> BTreeSet<EventId> {
    let of_role = behind.events.iter().filter(|event| event.roles.contains(&role));
    of_role.map(|event| event.id).collect()
}

#[test]
fn the_events_that_give_a_part_alone_give_it_and_none_can_be_left_out() {
    let models = every_model();
    let tried = RefCell::new(vec![0_usize; models.len()]);
    let explained = Cell::new(0_usize);
    holds(20, &(worlds(), any::<usize>()), |(world, chosen)| {
        let seen = Seen::of(world, far_end(Basis::Reported));
        let whole = seen.store(|_| true);
        for (place, model) in models.iter().enumerate() {
            let sum = summed(&whole, &seen.lens, &**model);
            let Some((cell, _)) = sum.iter().nth(chosen % sum.len().max(1)) else { continue };
            let figure = figure_of(&model.tables(), cell);
            for behind in seen.explained(&whole, &**model, &figure).behind {
                let of = behind.part.participant;
                let alone = |events: &BTreeSet<EventId>, left_out: Option<EventId>| {
                    let store = seen.store(|(participant, event)| {
                        *participant == of
                            && events.contains(&event.id)
                            && Some(event.id) != left_out
                    });
                    let replay = Replay::new(&store, &seen.lens);
                    let explained = replay.explain_first(&**model, &figure, 0).unwrap();
                    let rows = explained.parts.first().map(|part| part.rows.clone());
                    (rows, explained.reasons)
                };
                let rows = Some(behind.part.rows.clone());
                let gives = with(&behind, Role::Gives);
                prop_assert_eq!(&alone(&gives, None).0, &rows, "{}", figure);
                for event in &gives {
                    let without = alone(&gives, Some(*event)).0;
                    prop_assert_ne!(&without, &rows, "{} without {}", figure, event);
                }
                tried.borrow_mut()[place] += gives.len();
                let explains = with(&behind, Role::Explains);
                prop_assert!(gives.is_subset(&explains), "{}", figure);
                if !names_rules(&figure) {
                    prop_assert_eq!(&gives, &explains, "{}", figure);
                    continue;
                }
                let reasons = behind.readings.iter().map(|reading| (reading.reason(), 1));
                let same = (rows, Contributions::of(reasons));
                prop_assert_eq!(&alone(&explains, None), &same, "{}", figure);
                for event in &explains {
                    let without = alone(&explains, Some(*event));
                    prop_assert_ne!(&without, &same, "{} without {}", figure, event);
                }
                explained.set(explained.get() + explains.len() - gives.len());
            }
        }
        Ok(())
    });
    for (model, tried) in models.iter().zip(tried.into_inner()) {
        assert!(tried > 5, "{} has {tried} events that give a part", model.name());
    }
    assert!(explained.get() > 10, "{} events give a reason alone", explained.get());
}

/// Returns whether the figure's rows name the rule that they count.
fn names_rules(figure: &Figure) -> bool {
    figure.columns.iter().any(|(column, _)| ["rule", "definition"].contains(&column.as_str()))
}

#[test]
fn without_a_participant_the_figure_is_less_by_exactly_their_part() {
    let models = every_model();
    holds(10, &(worlds(), any::<usize>()), |(world, chosen)| {
        let seen = Seen::of(world, far_end(Basis::Reported));
        let whole = seen.store(|_| true);
        for model in &models {
            let tables = model.tables();
            let sum = summed(&whole, &seen.lens, &**model);
            let Some((cell, _)) = sum.iter().nth(chosen % sum.len().max(1)) else { continue };
            let table = &tables[cell.table];
            let text = format!("{}.{}", table.name, table.measures[cell.measure].name);
            for figure in [figure_of(&tables, cell), Figure::parse(&text, &tables).unwrap()] {
                let explained = Replay::new(&whole, &seen.lens);
                let explained = explained.explain_first(&**model, &figure, 0).unwrap();
                for part in &explained.parts {
                    let others = seen.store(|(participant, _)| *participant != part.participant);
                    let replay = Replay::new(&others, &seen.lens);
                    let less = replay.explain_first(&**model, &figure, 0).unwrap().amount;
                    prop_assert_eq!(less, explained.amount - part.amount, "{}", figure);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn readings_behind_a_figure_are_those_that_it_counts() {
    let models = every_model();
    let counted = RefCell::new(0_usize);
    holds(20, &worlds(), |world| {
        let seen = Seen::of(world, far_end(Basis::Reported));
        let store = seen.store(|_| true);
        for model in &models {
            let tables = model.tables();
            let sum = summed(&store, &seen.lens, &**model);
            for (cell, amount) in sum.iter() {
                let table = tables[cell.table].name.as_str();
                if !["funnel_outcomes", "definitions"].contains(&table) {
                    continue;
                }
                let figure = figure_of(&tables, cell);
                let replay = Replay::new(&store, &seen.lens);
                let explained = replay.explain_first(&**model, &figure, 0).unwrap();
                let readings: i64 = explained.reasons.iter().map(|(_, readings)| readings).sum();
                if table == "funnel_outcomes" {
                    prop_assert_eq!(readings, amount, "of {}", figure);
                }
                // a row of two definitions has the readings of both
                prop_assert!(readings >= amount, "{} of {} for {}", readings, amount, figure);
                for (reason, _) in explained.reasons.iter() {
                    prop_assert_eq!(Answer::parse(&figure.measure), Some(reason.answer));
                }
                *counted.borrow_mut() += 1;
            }
        }
        Ok(())
    });
    assert!(counted.into_inner() > 100);
}

#[test]
fn every_event_behind_a_figure_is_in_the_log_with_its_leaf() {
    let models = every_model();
    holds(6, &(worlds(), any::<usize>()), |(world, chosen)| {
        let seen = Seen::of(world, far_end(Basis::Reported));
        let store = seen.store(|_| true);
        for model in &models {
            let sum = summed(&store, &seen.lens, &**model);
            let Some((cell, _)) = sum.iter().nth(chosen % sum.len().max(1)) else { continue };
            let explained = seen.explained(&store, &**model, &figure_of(&model.tables(), cell));
            prop_assert_eq!(explained.behind.len(), explained.parts.len());
            for behind in &explained.behind {
                let rows = store.rows_of(behind.part.participant).unwrap();
                for event in &behind.events {
                    let row = rows.iter().find(|row| row.id == event.id).unwrap();
                    prop_assert_eq!((row.position, row.leaf), (event.position, event.leaf));
                    prop_assert!(!event.roles.is_empty());
                }
                for reading in &behind.readings {
                    let Reading::Met(met) = &reading.reading.reading else { continue };
                    let because = with(behind, Role::Because);
                    prop_assert!(met.because.iter().all(|event| because.contains(event)));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_figure_that_is_none_is_refused_with_what_there_is() {
    let tables = every_model().iter().flat_map(|model| model.tables()).collect::<Vec<_>>();
    let says = |text: &str| Figure::parse(text, &tables).unwrap_err().to_string();
    let form = "write a figure as TABLE.MEASURE or TABLE.MEASURE[column=value,column=value]";
    assert_eq!(says("funnel"), format!("there is no full stop after the table: {form}"));
    assert_eq!(says("funnel."), format!("the table or the measure has no name: {form}"));
    let unclosed = says("funnel.starts[programme=whp");
    assert_eq!(unclosed, format!("the bracket is not closed: {form}"));
    let behind = says("funnel.starts[programme=whp]more");
    assert_eq!(behind, format!("something stands behind a value or the bracket: {form}"));
    let no_value = says("funnel.starts[programme]");
    assert_eq!(no_value, format!("a column in the brackets has no value: {form}"));
    let quote = says("funnel.starts[programme=\"whp]");
    assert_eq!(quote, format!("a quote is not closed: {form}"));
    assert!(says("funnels.starts").starts_with("there is no table funnels; there are: "));
    assert_eq!(
        says("fees.starts"),
        "the table fees has no measure starts; it has: earned, earned_pence, amount_unknown"
    );
    assert!(says("funnel.starts[town=x]").starts_with("the table funnel has no column town; "));
    assert_eq!(
        says("funnel.starts[programme=a,programme=b]"),
        "the column programme is named twice: give it one value, or leave it out to sum over it"
    );
    assert_eq!(
        says("funnel.starts[month=October]"),
        "the column month cannot hold this: write a month such as 2021-10, or (none) where it \
         holds nothing"
    );
}

#[test]
fn texts_with_commas_brackets_and_quotes_come_back_as_they_were() {
    let table = Table::new("t", "A table.")
        .column(waystage_core::table::text("c", "A text."))
        .column(waystage_core::table::truth("d", "A truth."))
        .measure(waystage_core::table::measure("m", "A measure."));
    assert_eq!(table.columns[0].kind, ColumnKind::Text);
    for text in ["a,b", "a]b", "say \"so\"", "\"", "", " a ", "(none)", "a=b", "a.b", "é"] {
        let columns = vec![
            ("c".to_owned(), Value::Text(text.to_owned())),
            ("d".to_owned(), Value::Truth(true)),
        ];
        let figure = Figure { table: "t".to_owned(), measure: "m".to_owned(), columns };
        let written = figure.to_string();
        let again = Figure::parse(&written, std::slice::from_ref(&table)).unwrap();
        assert_eq!(again, figure, "{written}");
    }
    let nothing = Figure::parse("t.m[c=(none)]", &[table]).unwrap();
    assert_eq!(nothing.columns, [("c".to_owned(), Value::Nothing)]);
}

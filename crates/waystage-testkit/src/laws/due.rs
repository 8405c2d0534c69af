//! The law of the day that is due: with nothing new learned, a part stays as it is until then.

use chrono::NaiveDate;
use waystage_core::calendar::{day_before, days_after};
use waystage_core::contribution::{Contributions, Projection};
use waystage_core::replayed::Replayed;
use waystage_core::view::View;

use super::trial::Trial;
use crate::parts::Parts;
use crate::world::far_end;

/// How many days after the view's every day is tried.
const EVERY_DAY: u32 = 120;
/// Up to how many days after it now and then one is.
const FARTHEST: u32 = 900;
/// How many days lie between those.
const STRIDE: usize = 17;

/// One participant's part is looked at on days to come, and read again whenever it is due, as who
/// keeps a model does: on all days between, it must be what it was.
pub(super) fn due<P: Projection>(trial: &Trial<'_, P::Key>, projection: &P) -> Result<(), String> {
    let Some(participant) = trial.chosen_participant() else { return Ok(()) };
    let view = trial.world.view;
    let stream = trial.streams.get(&participant).map_or(&[][..], Vec::as_slice);
    let lens = trial.lens(view);
    let part = |day| {
        let lens = lens.at(View { as_of: day, ..view });
        projection.contribute(&Replayed::of(participant, stream, &lens))
    };
    let when_due = |day| {
        let lens = lens.at(View { as_of: day, ..view });
        let replayed = Replayed::of(participant, stream, &lens);
        projection.due(&replayed).into_iter().chain(replayed.next_change()).min()
    };
    let mut held = Held { from: view.as_of, part: part(view.as_of), due: when_due(view.as_of) };
    for day in days(view.as_of) {
        let last = held.due.map(day_before).filter(|last| held.from < *last && *last < day);
        for tried in last.into_iter().chain([day]) {
            match held.due {
                Some(due) if due <= held.from => {
                    let says = "which is no later day";
                    return Err(format!("as of {}, {due} is told as due, {says}", held.from));
                }
                Some(due) if due <= tried => {
                    held = Held { from: tried, part: part(tried), due: when_due(tried) };
                }
                _ => {
                    let parts =
                        |part: &Contributions<P::Key>| Parts::from([(participant, part.clone())]);
                    let called = called(&held, tried);
                    trial.same(&called, &parts(&held.part), &parts(&part(tried)))?;
                }
            }
        }
    }
    Ok(())
}

/// A part as it was read last.
struct Held<K: Ord> {
    from: NaiveDate,
    part: Contributions<K>,
    due: Option<NaiveDate>,
}

fn called<K: Ord>(held: &Held<K>, day: NaiveDate) -> String {
    let told = match held.due {
        Some(due) => format!("{due} was told as due"),
        None => "no day was told as due".to_owned(),
    };
    format!("as of {day}, although as of {} {told}", held.from)
}

fn days(as_of: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let every = 1..=EVERY_DAY;
    let some = (EVERY_DAY + 1..=FARTHEST).step_by(STRIDE);
    let far = far_end(waystage_core::view::Basis::Reported).as_of;
    every.chain(some).map(move |days| days_after(as_of, days)).chain([far])
}

//! The source of the extract: what a provider's system learned of one participant, and how long
//! after it happened. What it had not learned by the far end is not in the extract.

use super::calendar::{Date, days_after, working_day_from};
use super::chance::Chance;
use super::corrections;
use super::figures::FAR_END;
use super::sheets::{File, Reported, Row, Sheets};

/// How far behind life a report is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Delay {
    /// The office's own steps, keyed as they are taken.
    Prompt,
    /// What a key worker writes up: mostly within days, now and then weeks or months.
    Ordinary,
    /// What a participant or an employer tells: starts, changes and ends of work.
    Hearsay,
    /// What the payroll feed brings.
    Payroll,
    /// On the very day from which it could be known.
    SameDay,
}

impl Delay {
    /// Draws the days between an event and its report.
    pub(super) fn days(self, chance: &mut Chance) -> u32 {
        let bands: &[(u32, (u32, u32))] = match self {
            Self::Prompt => &[(70, (0, 0)), (20, (1, 1)), (8, (2, 4)), (2, (5, 20))],
            Self::Ordinary => {
                &[(450, (0, 0)), (310, (1, 3)), (150, (4, 10)), (75, (11, 45)), (15, (46, 200))]
            }
            Self::Hearsay => {
                &[(30, (0, 2)), (42, (3, 14)), (21, (15, 45)), (6, (46, 120)), (1, (121, 240))]
            }
            Self::SameDay => return 0,
            Self::Payroll => &[(85, (3, 12)), (12, (13, 30)), (3, (31, 75))],
        };
        chance.banded(bands)
    }
}

/// One participant's source: their stream of chance, and the files that it fills.
pub(super) struct Source<'a> {
    sheets: &'a mut Sheets,
    pub(super) chance: Chance,
}

impl<'a> Source<'a> {
    pub(super) fn of_participant(sheets: &'a mut Sheets, seed: u64, number: u32) -> Self {
        Self { sheets, chance: Chance::of_participant(seed, number) }
    }

    /// Tells that something happened on a day; nothing where it was not learned by the far end.
    pub(super) fn tell(
        &mut self,
        file: File,
        on: Date,
        delay: Delay,
        cells: &[&str],
    ) -> Option<Row> {
        self.tell_from(file, on, on, delay, cells)
    }

    /// Tells it as learned some time after `known_from`, which is not before the day itself.
    pub(super) fn tell_from(
        &mut self,
        file: File,
        on: Date,
        known_from: Date,
        delay: Delay,
        cells: &[&str],
    ) -> Option<Row> {
        let row = self.write(file, on, known_from, delay, cells)?;
        corrections::perhaps(self, &row, cells);
        Some(row)
    }

    /// Writes a row that nobody will correct.
    pub(super) fn write(
        &mut self,
        file: File,
        on: Date,
        known_from: Date,
        delay: Delay,
        cells: &[&str],
    ) -> Option<Row> {
        let days = delay.days(&mut self.chance);
        let date = working_day_from(days_after(known_from.max(on), days));
        let second_of_day = self.chance.between(8 * 3_600, 18 * 3_600);
        let reported = Reported { date, second_of_day };
        (date <= FAR_END).then(|| self.sheets.write(file, on, reported, cells))
    }

    /// Tells a step of a participation.
    pub(super) fn step(
        &mut self,
        participation: &str,
        step: &str,
        detail: &str,
        on: Date,
        delay: Delay,
    ) -> Option<Row> {
        self.tell(File::Progress, on, delay, &[participation, step, detail])
    }
}

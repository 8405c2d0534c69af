//! Checks that need more than one file: what packs name must stand in some tables file, and
//! nothing may be defined twice. A rate that comes too late is a warning.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use waystage_core::calendar::{day_before, days_after};
use waystage_core::id::{CalendarId, ProgrammeId, RateTableId};
use waystage_core::programme::{JudgedBy, Programme, Programmes, RateTable, Rule, Terms};
use waystage_core::rules::{Earnings, RateAsOf};

use crate::error::PackError;
use crate::nearest::Instead;
use crate::pack::{Pack, placed};
use crate::place::Place;
use crate::problem::Problem;
use crate::tables::{PlacedTables, placed_tables};
use crate::warning::{Concern, Warning};
use crate::weigh::weigh;

/// The files to check, each by its name in messages and its text.
#[derive(Debug)]
pub struct Files<'a, S> {
    /// Packs.
    pub packs: &'a [(S, S)],
    /// Tables files.
    pub tables: &'a [(S, S)],
}

/// What a check finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What was there before, with all that could be read laid over it. Use it only where there
    /// are no errors.
    pub programmes: Programmes,
    /// Why files are refused, by file and line.
    pub errors: Vec<PackError>,
    /// What is worth a second look, by file and line.
    pub warnings: Vec<Warning>,
}

/// Reads files and checks them together. `standing` is what may be named besides, such as what a
/// store has adopted; a file replaces what stands under the same name.
pub fn check<S: AsRef<str>>(files: &Files<'_, S>, standing: &Programmes) -> Checked {
    let mut checked =
        Checked { programmes: standing.clone(), errors: Vec::new(), warnings: Vec::new() };
    let mut all_tables_read = true;
    let mut tables = Vec::new();
    for (file, text) in files.tables {
        match placed_tables(file.as_ref(), text.as_ref()) {
            Ok(read) => tables.push(read),
            Err(errors) => {
                all_tables_read = false;
                checked.errors.extend(errors);
            }
        }
    }
    let mut packs = Vec::new();
    for (file, text) in files.packs {
        match placed(file.as_ref(), text.as_ref()) {
            Ok(read) => packs.push(read),
            Err(errors) => checked.errors.extend(errors),
        }
    }
    checked.lay_tables(tables);
    checked.lay(packs, all_tables_read);
    checked
}

/// Checks packs that are read already against what is standing.
pub(crate) fn check_packs(packs: Vec<Pack>, standing: &Programmes) -> Checked {
    let mut checked =
        Checked { programmes: standing.clone(), errors: Vec::new(), warnings: Vec::new() };
    checked.lay(packs, true);
    checked
}

impl Checked {
    /// Lays packs over what is there and notes what is wrong between them.
    fn lay(&mut self, packs: Vec<Pack>, all_tables_read: bool) {
        if all_tables_read {
            // A table that could not be read is not unknown.
            for pack in &packs {
                self.resolve(pack);
            }
        }
        for pack in &packs {
            self.weigh_rates(pack);
        }
        let ids: Vec<_> =
            packs.iter().map(|pack| (pack.programme.id.clone(), pack.id.clone())).collect();
        self.lay_packs(packs);
        for (id, place) in ids {
            self.weigh_programme(&id, &place);
        }
        self.errors.sort_by(|a, b| a.place().cmp(b.place()));
        self.warnings.sort_by(|a, b| a.place().cmp(b.place()));
    }

    fn lay_tables(&mut self, files: Vec<PlacedTables>) {
        let mut rates = Defined::new("rate table");
        let mut calendars = Defined::new("calendar");
        let mut geographies = Defined::new("geography");
        for file in files {
            for (table, place) in file.rates {
                self.errors.extend(rates.again(table.id.as_str(), place));
                self.programmes.rates.insert(table.id.clone(), table);
            }
            for (calendar, place) in file.calendars {
                let again = calendars.again(calendar.id.as_str(), place);
                self.errors.extend(again);
                let id = calendar.id.clone();
                self.programmes.calendars.insert(id, calendar);
            }
            for (geography, place) in file.geographies {
                self.errors.extend(geographies.again(&geography.id, place));
                self.programmes.geographies.insert(geography.id.clone(), geography);
            }
        }
    }

    fn lay_packs(&mut self, packs: Vec<Pack>) {
        let mut programmes = Defined::new("programme");
        for Pack { programme, id, .. } in packs {
            let again = programmes.again(programme.id.as_str(), id);
            self.errors.extend(again);
            let id = programme.id.clone();
            self.programmes.programmes.insert(id, programme);
        }
    }

    /// Notes what a pack names and nobody has.
    fn resolve(&mut self, pack: &Pack) {
        let (rates, calendars) = (&self.programmes.rates, &self.programmes.calendars);
        if let Some(calendar) = &pack.programme.calendar
            && !calendars.contains_key(calendar)
        {
            let id = calendar.to_string();
            let instead = Instead::of(&id, calendars.keys().map(CalendarId::as_str));
            let problem = Problem::UnknownCalendar { id, instead };
            let place = pack.calendar.clone();
            self.errors.push(PackError::new(place, problem));
        }
        for (_, terms, place) in pack.earnings() {
            if !rates.contains_key(&terms.rate_table) {
                let id = terms.rate_table.to_string();
                let instead = Instead::of(&id, rates.keys().map(RateTableId::as_str));
                let problem = Problem::UnknownRateTable { id, instead };
                self.errors.push(PackError::new(place.clone(), problem));
            }
        }
    }

    /// Warns of what a programme may be missing.
    fn weigh_programme(&mut self, id: &ProgrammeId, place: &Place) {
        let Some(programme) = self.programmes.get(id) else { return };
        let concerns = weigh(programme, &self.programmes);
        let warnings = concerns.into_iter().map(|concern| Warning::new(place.clone(), concern));
        self.warnings.extend(warnings);
    }

    /// Warns, once for each rule and table, of days that can fix a rate before there is one.
    fn weigh_rates(&mut self, pack: &Pack) {
        let mut warned = Vec::new();
        for ((rule, version), terms, place) in pack.earnings() {
            let Some(table) = self.programmes.rates.get(&terms.rate_table) else {
                continue;
            };
            let about = (&rule.id, &table.id);
            let Some(first_row) = table.rows.first().map(|row| row.effective_from) else {
                continue;
            };
            let day = first_day(&pack.programme, (rule, version), (terms, table));
            let Some(day) = day.filter(|day| *day < first_row && !warned.contains(&about)) else {
                continue;
            };
            let concern = Concern::NoRateInForce {
                rule: rule.id.to_string(),
                table: table.id.to_string(),
                day,
                first_row,
            };
            self.warnings.push(Warning::new(place.clone(), concern));
            warned.push(about);
        }
    }
}

type Earning<'a> = ((&'a Rule, usize), &'a Earnings, &'a Place);

impl Pack {
    /// Returns the versions that name a rate table: rule and number, terms, and the place.
    fn earnings(&self) -> impl Iterator<Item = Earning<'_>> {
        let versions = self.programme.rules.iter().flat_map(|rule| {
            let versions = rule.versions.iter().enumerate();
            versions.map(move |(number, version)| (rule, number, version))
        });
        versions.filter_map(|(rule, number, version)| match &version.terms {
            Terms::Earnings(terms) => {
                let key = (rule.id.clone(), version.effective_from);
                let place = self.rate_tables.get(&key).unwrap_or(&self.id);
                Some(((rule, number), terms, place))
            }
            _ => None,
        })
    }
}

/// Returns the first day that can fix the rate of a version; none where no referral can come to
/// be judged by it, or none whose rate is fixed before the table begins.
fn first_day(
    programme: &Programme,
    (rule, number): (&Rule, usize),
    (terms, table): (&Earnings, &RateTable),
) -> Option<NaiveDate> {
    let from = rule.versions.get(number)?.effective_from;
    let before = rule.versions.get(number + 1).map(|next| next.effective_from);
    let first_row = table.rows.first()?.effective_from;
    let opens = programme.referrals_from;
    let in_time = opens.map_or(from, |opens| opens.max(from));
    let is_in_time = before.is_none_or(|before| in_time < before);
    let is_open = programme.referrals_until.is_none_or(|until| in_time <= until);
    match (rule.judged_by, terms.rate_as_of) {
        (JudgedBy::Start, _) | (JudgedBy::Outcome, RateAsOf::Outcome) => {
            is_in_time.then_some(in_time)
        }
        (JudgedBy::Referral, _) => (is_in_time && is_open).then_some(in_time),
        // A claim may come long after the start.
        (JudgedBy::Claim, _) => Some(opens.unwrap_or(from)),
        // An outcome lies in the version's time, and its start at most a window before.
        (JudgedBy::Outcome, RateAsOf::Start | RateAsOf::FirstPayment) => {
            let latest = days_after(day_before(first_row), terms.window_days);
            (is_in_time && latest >= from).then(|| opens.unwrap_or(from))
        }
    }
}

/// Where things of one sort were defined first.
struct Defined {
    what: &'static str,
    first: BTreeMap<String, Place>,
}

impl Defined {
    const fn new(what: &'static str) -> Self {
        let first = BTreeMap::new();
        Self { what, first }
    }

    /// Returns an error where the id was defined before.
    fn again(&mut self, id: &str, place: Place) -> Option<PackError> {
        if let Some(first) = self.first.get(id) {
            let (what, id, first) = (self.what, id.to_owned(), first.clone());
            let problem = Problem::DefinedTwice { what, id, first };
            return Some(PackError::new(place, problem));
        }
        self.first.insert(id.to_owned(), place);
        None
    }
}

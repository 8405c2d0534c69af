//! The errors that a file can have, each one sentence: what is wrong, and what to write instead.
//! Every kind has an exhibit with its exact message under `tests/museum`.

use chrono::NaiveDate;
use waystage_core::programme::Family;

use crate::nearest::Instead;
use crate::place::Place;

macro_rules! problems {
    ($($(#[$meta:meta])* $variant:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        /// What is wrong.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub(crate) enum Problem {
            $($(#[$meta])* $variant { $($field: $type),* },)*
        }

        impl Problem {
            /// The name of every kind.
            pub(crate) const KINDS: &'static [&'static str] = &[$(stringify!($variant)),*];

            /// Returns the name of its kind.
            pub(crate) const fn kind(&self) -> &'static str {
                match self { $(Self::$variant { .. } => stringify!($variant),)* }
            }
        }
    };
}

problems! {
    #[error("this is not TOML: {reason}")]
    Syntax { reason: String }

    #[error("{key:?} is given twice: keep one")]
    KeyTwice { key: String }

    #[error("unknown key {key:?} in {entry}: {instead}")]
    UnknownKey { key: String, entry: &'static str, instead: Instead }

    #[error("{key:?} does not belong in {entry}: write it in {home}")]
    Misplaced { key: String, entry: &'static str, home: &'static str }

    #[error("{entry} has no {key:?}: write {write}")]
    MissingKey { key: &'static str, entry: &'static str, write: String }

    #[error("{beside:?} in {entry} needs {key:?} beside it: write {write}")]
    MissingBeside {
        key: &'static str,
        beside: &'static str,
        entry: &'static str,
        write: String,
    }

    #[error("the file has no rate table, calendar or geography: write [[rate_table]], [[calendar]] or [[geography]]")]
    NoTables {}

    #[error("{key:?} in {entry} is {found}: write {write}")]
    WrongType { key: &'static str, entry: &'static str, found: &'static str, write: String }

    #[error("{key:?} in {entry} is in quotes: write {write}")]
    Quoted { key: &'static str, entry: &'static str, write: String }

    #[error("{key:?} in {entry} is a date with a time: write {write}")]
    DateWithTime { key: &'static str, entry: &'static str, write: String }

    #[error("{key:?} in {entry} is {given}: write a date from 1900-01-01 to 2100-12-31")]
    DateOutOfRange { key: &'static str, entry: &'static str, given: String }

    #[error("{key:?} in {entry} is empty: write {write}")]
    Empty { key: &'static str, entry: &'static str, write: String }

    #[error("{key:?} in {entry} is {given:?}: {}", instead.in_full())]
    UnknownWord { key: &'static str, entry: &'static str, given: String, instead: Instead }

    #[error("{key:?} in {entry} is {given}: write a whole number from {least} to {most}")]
    OutOfRange { key: &'static str, entry: &'static str, given: String, least: u64, most: u64 }

    #[error("{key:?} in {entry} is {given}: write hours a week, {range}")]
    HoursOutOfRange { key: &'static str, entry: &'static str, given: String, range: &'static str }

    #[error(
        "{key:?} in {entry} is {given}: write hours that make whole minutes, such as 7.5 or \
         7.25"
    )]
    NotMinutes { key: &'static str, entry: &'static str, given: String }

    #[error(
        "{given:?} in {key:?} is no GSS code: write a letter of EWSNKJLM and eight digits, \
         such as \"E08000003\""
    )]
    NotAGssCode { key: &'static str, given: String }

    #[error("{given} is listed twice in {key:?}: keep one")]
    ListedTwice { key: &'static str, given: String }

    #[error("{first:?} and {second:?} are both given in {entry}: keep one of them")]
    BothGiven { first: &'static str, second: &'static str, entry: &'static str }

    #[error("{entry} has neither {first:?} nor {second:?}: write {write}")]
    NeitherGiven {
        first: &'static str,
        second: &'static str,
        entry: &'static str,
        write: &'static str,
    }

    #[error(
        "\"until\" in referrals is {until}, before \"from\", {from}: write a day from {from} \
         on"
    )]
    UntilBeforeFrom { from: NaiveDate, until: NaiveDate }

    #[error("the {what} {id:?} is already on line {line}: give each {what} an id of its own")]
    IdTwice { what: &'static str, id: String, line: usize }

    #[error("{what} from {day} is already on line {line}: give each a day of its own")]
    OverlappingVersions { what: &'static str, day: NaiveDate, line: usize }

    #[error("{what} from {day} stands after that from {after}: put them in order, earliest first")]
    OutOfOrder { what: &'static str, day: NaiveDate, after: NaiveDate }

    #[error("\"from\" and \"to\" are both {milestone:?}: write two different milestones")]
    SameMilestone { milestone: &'static str }

    #[error(
        "{what} in working days needs a calendar: write calendar = \"england-and-wales\" \
         in [programme]"
    )]
    WorkingDaysWithoutCalendar { what: &'static str }

    #[error("{key:?} does not belong to family \"{family}\": remove it (it belongs to {owners})")]
    NotOfFamily { key: String, family: Family, owners: String }

    #[error(
        "\"off_benefit\" cannot be read until benefit facts are in the log's vocabulary: \
         remove it"
    )]
    OffBenefit {}

    #[error(
        "{key} = {given} does not fit into the {limit} {unit} of {window:?}: write at most \
         {limit}"
    )]
    DoesNotFit {
        key: &'static str,
        given: u32,
        window: &'static str,
        limit: u32,
        unit: &'static str,
    }

    #[error(
        "{key} = 0 is a window without a day where the start is day 1: write {key} = 1 or \
         day_count = \"start_is_day_0\" for the day of the start alone"
    )]
    WindowWithoutDay { key: &'static str }

    #[error("tiers and {key:?} are both given: write {key:?} in each [[rule.version.tier]] alone")]
    TiersAndThreshold { key: &'static str }

    #[error(
        "[[rule.version]] has no threshold: write hours_per_week and weeks, or \
         [[rule.version.tier]]"
    )]
    NoThreshold {}

    #[error("{given:?} is none of the groups in [programme]: {}", instead.in_full())]
    UnknownGroup { given: String, instead: Instead }

    #[error("the pack has no rule {id:?} to pay for: {}", instead.in_full())]
    FeeWithoutRule { id: String, instead: Instead }

    #[error("the rule {rule:?} has no tier {tier:?}: {}", instead.in_full())]
    FeeWithoutTier { rule: String, tier: String, instead: Instead }

    #[error("the rule {rule:?} has tiers: write tier = {tiers} in a {entry} for each that is paid")]
    FeeNeedsTier { rule: String, tiers: String, entry: &'static str }

    #[error("a fee on {what} is already on line {line}: write its versions under one [[fee]]")]
    FeeTwice { what: String, line: usize }

    #[error("no {what} of the pack meets the conditions in \"where\": change them or remove this edit")]
    PicksNothing { what: &'static str }

    #[error("the pack has no {what} {id:?}: {}", instead.in_full())]
    NotInThePack { what: &'static str, id: String, instead: Instead }

    #[error("{key:?} does not belong to the test {test:?}: remove it (it belongs to {owners})")]
    NotOfTest { key: &'static str, test: String, owners: String }

    #[error("\"rule\" does not belong to the measure {measure:?}: remove it")]
    NotOfMeasure { measure: &'static str }

    #[error("\"most\" is {most}, below \"least\", {least}: write at least {least}")]
    MostBelowLeast { least: u32, most: u32 }

    #[error("{entry} ends on {until}, before it begins on {from}: write a day from {from} on")]
    SpanBackwards { entry: &'static str, from: NaiveDate, until: NaiveDate }

    #[error("{month} has a number already: let each month stand in one [[target.period]]")]
    MonthTwice { month: String }

    #[error("no rate table is called {id:?}: {}", instead.in_full())]
    UnknownRateTable { id: String, instead: Instead }

    #[error("no calendar is called {id:?}: {}", instead.in_full())]
    UnknownCalendar { id: String, instead: Instead }

    #[error("the {what} {id:?} is already at {first}: keep one of them")]
    DefinedTwice { what: &'static str, id: String, first: Place }

    #[error("no programme is called {id:?}: {instead}")]
    UnknownProgramme { id: String, instead: Instead }

    #[error("with this edit the pack is refused, {pack}: {problem}")]
    Edited { pack: Place, problem: Box<Problem> }

    #[error("this edit does nothing to a {what}: write set, remove, replace, add or off = true")]
    EditsNothing { what: &'static str }

    #[error("{first:?} and {second:?} do not go together in one edit: write two edits")]
    EditsTwice { first: &'static str, second: &'static str }

    #[error("{key:?} does nothing beside {beside:?}: {write}")]
    IdleBeside { key: &'static str, beside: String, write: String }

    #[error("no {what} that is picked here has {key:?}: take it off the list")]
    NothingToRemove { what: &'static str, key: String }

    #[error("the pack has a {what} {id:?} already: write set or replace, or another id")]
    InThePackAlready { what: &'static str, id: String }

    #[error("a programme keeps its id: remove this line")]
    ProgrammeKeepsId {}

    #[error("it picks every fact there is: write a condition, such as kinds = [\"JobStarted\"]")]
    PicksEverything {}

    #[error("the fact is no {kind}: {says}")]
    NotThatFact { kind: String, says: String }

    #[error("{given:?} cannot be amended so: {says}")]
    NotThatAmendment { given: String, says: String }

    #[error("{given:?} is nobody and nothing that a source named: write a reference or an id")]
    UnknownReference { given: String }

    #[error("{given:?} in {key:?} is no id: write the 26 characters that the engine prints")]
    NotAnId { key: &'static str, given: String }

    #[error(
        "{key:?} in {entry} is {given}: write whole days from -{most} to {most}, and not 0"
    )]
    NotAShift { key: &'static str, entry: &'static str, given: String, most: u32 }

    #[error("no value stands on this grid: write from, to and step, or values")]
    EmptyGrid {}

    #[error("the grid has {count} values: write at most {most}")]
    GridTooLong { count: u64, most: u64 }
}

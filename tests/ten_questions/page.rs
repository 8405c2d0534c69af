//! The page of the ten questions: each with its trap, its files, what the demo answers, and what to
//! think of the answer.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::answers;
use crate::world::World;

/// One question of the page.
pub(crate) struct Section {
    question: &'static str,
    trap: &'static str,
    pub(crate) files: &'static [&'static str],
    /// Whether the page shows the readings that move.
    shows_moves: bool,
    more: Option<fn(&World) -> String>,
    think: &'static str,
}

const PAID: &[&str] = &["07-paid-30-70", "07-paid-85-15", "07-paid-13-26-52-weeks"];

pub(crate) const SECTIONS: [Section; 10] = [
    Section {
        question: "How many outcomes on the national wage instead of the Real Living Wage?",
        trap: "rates change every year, and no source says which date fixes the rate. The first \
               file leaves that\nas the pack has it; the others say it.",
        files: &[
            "01-national-wage",
            "01-national-wage-at-start",
            "01-national-wage-at-first-payment",
            "01-national-wage-at-outcome",
        ],
        shows_moves: true,
        more: None,
        think: "The direction and the size: yes, the national wage is lower in every year. That \
                the date of the rate\nmatters as much as the rate is the finding. Wages of \
                people who would have been placed elsewhere are\nnot in it.",
    },
    Section {
        question: "How many more under a window of 12 months, or an open one?",
        trap: "638 and 639 days are both printed. With the start as day 0 and as day 1 they end on \
               the same day, so\nthe third file moves nothing. Read as days after the start, 639 \
               is a day more (the fourth file);\nnobody in the demo reached the threshold on that \
               very day.",
        files: &[
            "02-window-12-months",
            "02-window-open",
            "02-window-639-days",
            "02-window-639-days-after",
        ],
        shows_moves: true,
        more: None,
        think: "The 12 months, yes. Of the open window only the met: nobody fails under it, so a \
                rate of the settled\nwould be 100 per cent; and outcomes come after support has \
                ended, which the programme may not claim.",
    },
    Section {
        question: "How many with 12 months in work pass 52 weeks of 60, and how many more with a \
                   four-week gap?",
        trap: "the gap rule, which job, and the hours. \"No longer\" are those with 12 months who \
               do not pass.",
        files: &[
            "03-52-in-60",
            "03-52-in-60-any-hours",
            "03-52-in-60-first-job",
            "03-52-in-60-longest-job",
            "03-gap-0-days",
            "03-gap-28-days",
        ],
        shows_moves: true,
        more: None,
        think: "That hours explain most of it and gaps little: yes, of the demo. Its journeys were \
                made with few short\njobs one after another, so gaps and the choice of the job \
                decide less than they would in life. Where a\njob is silent the answer is unknown, \
                which is neither passed nor failed.",
    },
    Section {
        question: "With the threshold at the rate of the start, which outcomes move, and into \
                   which month?",
        trap: "two months are called the cohort. The month of the outcome moves, the month of the \
               start cannot.\nNone may come later and none may be lost, because rates rise.",
        files: &["04-rate-at-start"],
        shows_moves: true,
        more: Some(answers::months),
        think: "Yes: each row is a person whose earnings are recorded, read against a lower rate.",
    },
    Section {
        question: "Halton's 28 with outcomes of 8 hours counted too?",
        trap: "one outcome for each participation. The lower tier holds the higher one: added up, \
               the same people\nwould count twice and look like success.",
        files: &["05-lower-outcomes"],
        shows_moves: true,
        more: Some(answers::one_outcome),
        think: "The counting, yes. The number is of a demo with 74 such referrals, where Pioneer \
                exists in Halton alone.",
    },
    Section {
        question: "If long-term unemployed people had been referred until May 2022, what \
                   caseload?",
        trap: "referrals that never were are assumptions. What rests on them is told apart, and \
               nobody else may move.",
        files: &["06-referred-on"],
        shows_moves: false,
        more: Some(answers::caseload),
        think: "The recorded row, yes. The assumed one is what was put in: the pandemic had its \
                own effect on referrals\nand starts, and no log knows what it would have been.",
    },
    Section {
        question: "Income under 30/70, 85/15 and 13/26/52 weeks on the same journeys?",
        trap: "the accelerator is a rule about cohorts: it is worked out when the cohort's \
               outcomes are added up, and\nno person earns it. The three payments for weeks are \
               parts of one price, not three outcomes.",
        files: PAID,
        shows_moves: false,
        more: Some(|world| answers::incomes(world, PAID)),
        think: "The arithmetic, yes. The contract is invented, and a provider paid otherwise would \
                have worked otherwise:\nthat is what payment by results is for.",
    },
    Section {
        question: "If the start is the agreement and not the first meeting?",
        trap: "what is measured from the referral to something else does not move. Cohorts and the \
               456 days move with\nthe start.",
        files: &["08-start-is-the-meeting", "08-start-is-the-agreement"],
        shows_moves: true,
        more: Some(answers::starts),
        think: "What moves and what does not, yes. How far is assumed: seven days for everybody. \
                No fact says when\nsomebody agreed; record that, and the question can be \
                answered.",
    },
    Section {
        question: "Two key workers moved: contact frequency and job starts?",
        trap: "correlation. The scenario moves people to other key workers; contacts and jobs stay \
               as recorded.",
        files: &["09-two-key-workers", "09-four-key-workers"],
        shows_moves: false,
        more: Some(answers::key_workers),
        think: "The caseloads, yes. **No scenario can answer the rest.** What people with less \
                busy key workers did is a\nrelation between two things that were observed: they \
                may be other people, in other places, in other\nyears. The demo draws key workers \
                by lot, so that its last table shows what chance alone looks like,\nand it \
                records no contacts. To know, move two key workers and record what happens.",
    },
    Section {
        question: "If employer contact had needed consent of people who never claimed?",
        trap: "consent was needed of some and not of others of one programme. Only what employers \
               said of people\nwithout a recorded claim, and without recorded consent, is \
               imagined away.",
        files: &["10-consent"],
        shows_moves: true,
        more: Some(answers::evidence),
        think: "As an upper bound. That no claim is recorded does not mean that there was none: \
                the demo records\nbenefits of two people in five, and no consent at all. Outcomes \
                from earnings rest on statements and\nlose nothing. A claim that is no longer \
                covered has lost its evidence, not its outcome.",
    },
];

const HEAD: &str = "# Ten questions, asked of the demo\n\n\
    Each question has its files in `docs/scenarios`: small, with what they assume. Below is what \
    they answer\non the population of `waystage demo` (5,000 made-up people, seed 7). `cargo test \
    --test ten_questions`\nasks them and compares this page; with `BLESS=1` it writes it. Ask one \
    yourself:\n\n\
    ```console\n\
    $ cargo run --release -- demo --out DIR\n\
    $ cargo run --release -- --store DIR/store what-if --as-of 2025-09-30 \\\n      \
    --scenario docs/scenarios/01-national-wage.toml\n\
    ```\n\n\
    Counts are of participations: of all that were referred, control groups among them, as the \
    funnel counts.\n\"Not yet\" and \"unknown\" stay in sight, because a rate without them is \
    wrong. \"Now met\", \"no longer\" and\n\"another day\" count those that move; where a scenario \
    adds a rule, all that meet it are new.\n";

const FOOT: &str = "\n## What no scenario can answer\n\n\
    - What people, employers or providers would have done: every file assumes that nobody would \
    have behaved\n  otherwise.\n\
    - What a relation that was observed would be if it were caused: question 9.\n\
    - What was never recorded: the day of an agreement (question 8), contacts in the demo \
    (question 9),\n  referrals that never were (question 6).\n\
    - What a contract says where no source does: each pack lists its assumptions, and a scenario \
    can only try\n  others.\n";

fn page(world: &World) -> String {
    let mut page = HEAD.to_owned();
    for (number, section) in (1..).zip(&SECTIONS) {
        let Section { question, trap, files, think, .. } = section;
        writeln!(page, "\n## {number}. {question}\n\nTrap: {trap}\n").unwrap();
        for file in *files {
            writeln!(page, "- [{file}.toml](../scenarios/{file}.toml)").unwrap();
        }
        if section.shows_moves {
            write!(page, "\n{}", answers::moves(world, files)).unwrap();
        }
        if let Some(more) = section.more {
            write!(page, "\n{}", more(world)).unwrap();
        }
        writeln!(page, "\nWould you believe it?\n{think}").unwrap();
    }
    page + FOOT
}

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/guides").join(name)
}

#[test]
fn the_page_shows_what_the_demo_answers() {
    let page = page(World::demo());
    let path = docs("ten-questions.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == written, "run with BLESS=1 and look at what changes");
}

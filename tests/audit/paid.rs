//! What was paid, and files of payments against the log and the rules: each case with all that is
//! found.

use waystage::replay::audit::Payment;

use crate::now::{ALL_RIGHT, CLAIM, Case, OTHERS, PAID, PAYSLIP, audited, case, found};

const PART_BACK: &str = "claims CB 2024-08-10 PA,working,clawed_back,20000\n";

#[allow(clippy::too_many_lines)] // cases are data
fn cases() -> Vec<Case> {
    vec![
        case(
            "paid, clawed back, and paid again",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                "claims CB 2024-08-02 PA,working,clawed_back,\n",
                "claims PE 2024-08-03 PA,working,paid,100000\n",
            ],
            &[],
        ),
        case(
            "paid twice, for two claims",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                "claims CN 2024-08-02 PA,working,submitted,100000\n",
                "claims PE 2024-08-09 PA,working,paid,100000\n",
            ],
            &["claim_paid_twice: PE PD CN"],
        ),
        case(
            "clawed back and paid again on one day",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                "claims CB 2024-08-10 PA,working,clawed_back,\n",
                "claims CN 2024-08-10 PA,working,submitted,90000\n",
                "claims PE 2024-08-10 PA,working,paid,90000\n",
            ],
            &[],
        ),
        case(
            "clawed back in part, and that part paid again",
            &[PAYSLIP, CLAIM, PAID, PART_BACK, "claims PE 2024-08-12 PA,working,paid,20000\n"],
            &[],
        ),
        case(
            "clawed back in part, and more than that paid again",
            &[PAYSLIP, CLAIM, PAID, PART_BACK, "claims PE 2024-08-12 PA,working,paid,20001\n"],
            &["claim_paid_twice: PE PD CM"],
        ),
        case(
            "paid under two programmes, one after the other",
            &[PAYSLIP, CLAIM, PAID, OTHERS, "progress EX 2024-06-02 PA,exited,\n"],
            &["claim_not_supported_then: CM"],
        ),
        case(
            "paid under two programmes after coming back",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                OTHERS,
                "progress EX 2024-06-02 PA,exited,\n",
                "progress RJ 2024-07-01 PA,rejoined,\n",
            ],
            &["claim_not_supported_then: CM", "paid_under_two_programmes: PD2 CM2 PD"],
        ),
        case(
            "clawed back, and paid again in two parts",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                "claims CB 2024-08-02 PA,working,clawed_back,\n",
                "claims PE 2024-08-03 PA,working,paid,90000\n",
                "claims PF 2024-08-04 PA,working,paid,10000\n",
            ],
            &[],
        ),
        case(
            "clawed back with a sign, and paid again",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                "claims CB 2024-08-02 PA,working,clawed_back,-100000\n",
                "claims PE 2024-08-03 PA,working,paid,100000\n",
            ],
            &[],
        ),
        case(
            "paid twice, and the second clawed back",
            &[
                PAYSLIP,
                CLAIM,
                PAID,
                "claims PE 2024-08-03 PA,working,paid,100000\n",
                "claims CB 2024-08-04 PA,working,clawed_back,100000\n",
            ],
            &[],
        ),
        case(
            "paid twice, after ten times as much was paid by mistake and clawed back",
            &[
                PAYSLIP,
                CLAIM,
                "claims PD 2024-08-01 PA,working,paid,1000000\n",
                "claims CB 2024-08-02 PA,working,clawed_back,\n",
                "claims PE 2024-08-03 PA,working,paid,100000\n",
                "claims PF 2024-08-04 PA,working,paid,100000\n",
            ],
            &["claim_paid_twice: PF PE CM"],
        ),
        case(
            "given back, for a claim that states no amount beside one that does",
            &[
                PAYSLIP,
                "claims CM 2024-07-22 PA,working,submitted,50000\n",
                "claims CN 2024-07-23 PA,working,submitted,\n",
                PAID,
                PART_BACK,
                "claims PE 2024-08-12 PA,working,paid,20000\n",
            ],
            &[],
        ),
        case(
            "paid all the money that there is",
            &[PAYSLIP, CLAIM, PAID, "claims PE 2024-08-03 PA,working,paid,9223372036854775807\n"],
            &["claim_paid_twice: PE PD CM"],
        ),
        case(
            "paid twice, told together, and more than one of them clawed back",
            &[
                PAYSLIP,
                CLAIM,
                "claims PD 2024-08-01 PA,working,paid,60000\n",
                "claims PE 2024-08-01 PA,working,paid,40000\n",
                "claims CB 2024-08-01 PA,working,clawed_back,70000\n",
            ],
            &[],
        ),
    ]
}

#[test]
fn what_was_paid_and_taken_back_is_found_as_it_stands_in_the_end() {
    for Case { name, rows, as_of, finds } in cases() {
        let audited = audited(&rows, as_of);
        assert_eq!(found(&audited), finds, "{name}: {:#?}", audited.findings);
    }
}

fn payment(line: u64, claim: &str, rule: &str, pence: i64) -> Payment {
    let participation = "PA".to_owned();
    Payment { line, claim: claim.to_owned(), participation, rule: rule.into(), pence }
}

#[test]
#[allow(clippy::too_many_lines)] // cases are data
fn a_file_of_payments_is_held_against_the_log_and_the_rules() {
    let corrected = "corrections CX 2024-08-05 JS,amend,weekly_hours,8,wrong\n";
    let right = [ALL_RIGHT, PAYSLIP, CLAIM, PAID].concat();
    let wrong = [&right, corrected].concat();
    let two = [PAYSLIP, CLAIM, PAID, "claims PE 2024-08-12 PA,working,paid,5000\n"].concat();
    let two = [ALL_RIGHT, &two].concat();
    let part = [&right, PART_BACK].concat();
    let whole = [&right, "claims CB 2024-08-10 PA,working,clawed_back,\n"].concat();
    let again = [
        &right,
        "claims CB 2024-08-10 PA,working,clawed_back,\n",
        "claims CN 2024-08-10 PA,working,submitted,90000\n",
        "claims PE 2024-08-10 PA,working,paid,90000\n",
    ]
    .concat();
    let nothing = [&right, "claims CB 2024-08-10 PA,working,clawed_back,0\n"].concat();
    let unstated = [
        ALL_RIGHT,
        PAYSLIP,
        "claims CM 2024-07-22 PA,working,submitted,\n",
        "claims PD 2024-08-01 PA,working,paid,\n",
        "claims CB 2024-08-02 PA,working,clawed_back,\n",
    ]
    .concat();
    let after = [
        ALL_RIGHT,
        PAYSLIP,
        CLAIM,
        "claims PD 2024-08-10@2024-08-11 PA,working,paid,100000\n",
        "claims CB 2024-08-10@2024-08-12 PA,working,clawed_back,\n",
        "claims CN 2024-08-10@2024-08-13 PA,working,submitted,90000\n",
        "claims PE 2024-08-10@2024-08-14 PA,working,paid,90000\n",
    ]
    .concat();
    let mixed = [
        &unstated,
        "claims PE 2024-08-03 PA,working,paid,50000\n",
        "claims CC 2024-08-04 PA,working,clawed_back,50000\n",
    ]
    .concat();
    let parts = [&part, "claims CC 2024-08-11 PA,working,clawed_back,30000\n"].concat();
    let paid_again = "claims PE 2024-08-03 PA,working,paid,100000\n";
    let more = "claims CB 2024-08-10 PA,working,clawed_back,150000\n";
    let more = [&right, paid_again, more].concat();
    let beyond = [&right, "claims CB 2024-08-10 PA,working,clawed_back,120000\n"].concat();
    let undone = [&whole, corrected].concat();
    let late = "claims CM 2024-08-01@2024-08-05 PA,working,submitted,100000\n";
    let late = [ALL_RIGHT, PAYSLIP, late, PAID].concat();
    let back = |line, pence| payment(line, "CM", "working", pence);
    let same = payment(2, "CM", "working", 100_000);
    let cases: Vec<(&str, &str, Vec<Payment>, &[&str])> = vec![
        ("the same", &right, vec![same.clone()], &[]),
        ("named by the payment", &right, vec![payment(2, "PD", "working", 100_000)], &[]),
        ("not in the file", &right, vec![], &["payment_not_in_file: PD CM"]),
        (
            "another amount",
            &right,
            vec![payment(2, "CM", "working", 99_999)],
            &["payment_of_other_amount: PD CM"],
        ),
        (
            "twice in the file",
            &right,
            vec![same.clone(), same.clone()],
            &["payment_not_in_log: CM"],
        ),
        (
            "nobody's claim",
            &right,
            vec![same.clone(), payment(3, "ZZ", "earning", 7)],
            &["payment_not_in_log: "],
        ),
        (
            "not supported",
            &wrong,
            vec![same.clone()],
            &["claim_no_longer_supported: CM CX", "payment_not_supported: CM"],
        ),
        (
            "not supported, named by the payment",
            &wrong,
            vec![payment(2, "PD", "working", 100_000)],
            &["claim_no_longer_supported: CM CX", "payment_not_supported: CM"],
        ),
        (
            "named by the payment, twice in the file",
            &right,
            vec![payment(2, "PD", "working", 100_000), payment(3, "PD", "working", 100_000)],
            &["payment_not_in_log: CM"],
        ),
        (
            "two payments of one claim, in whatever order",
            &two,
            vec![back(2, 5_000), back(3, 100_000)],
            &["claim_paid_twice: PE PD CM"],
        ),
        ("less what was clawed back", &part, vec![back(2, 80_000)], &[]),
        ("a line for what was clawed back", &part, vec![back(2, -20_000), back(3, 100_000)], &[]),
        (
            "not what was clawed back in part",
            &part,
            vec![same.clone()],
            &["payment_of_other_amount: PD CM CB"],
        ),
        ("clawed back, and not in the file", &whole, vec![], &[]),
        ("clawed back, with both lines", &whole, vec![same.clone(), back(3, -100_000)], &[]),
        ("not what was clawed back", &whole, vec![same.clone()], &["payment_not_in_log: PD CM CB"]),
        ("nothing was clawed back", &nothing, vec![same.clone()], &[]),
        (
            "not supported, and taken back by the file alone",
            &wrong,
            vec![same.clone(), back(3, -100_000)],
            &["claim_no_longer_supported: CM CX", "payment_not_in_log: CM"],
        ),
        ("no amount is stated anywhere", &unstated, vec![same.clone(), back(3, -100_000)], &[]),
        (
            "claimed again on the day of the payment, after it was told",
            &after,
            vec![same.clone(), back(3, -100_000), payment(4, "CN", "working", 90_000)],
            &[],
        ),
        (
            "not supported, and taken back under the name of the claw-back",
            &undone,
            vec![same.clone(), payment(3, "CB", "working", -100_000)],
            &["claim_no_longer_supported: CM CX"],
        ),
        (
            "claw-backs of no amount and of one",
            &mixed,
            vec![back(2, 30_000), back(3, -30_000), back(4, 50_000), back(5, -50_000)],
            &[],
        ),
        ("taken off to nothing", &whole, vec![back(2, 0)], &[]),
        (
            "only what was clawed back",
            &whole,
            vec![back(2, -100_000)],
            &["payment_not_in_file: PD CM CB"],
        ),
        (
            "one claw-back taken off, the other on a line",
            &parts,
            vec![back(2, 80_000), back(3, -30_000)],
            &[],
        ),
        (
            "a claw-back of more than one payment",
            &more,
            vec![back(2, 100_000), back(3, 100_000), payment(4, "CB", "working", -150_000)],
            &[],
        ),
        ("a claw-back of more than there was", &beyond, vec![same.clone(), back(3, -120_000)], &[]),
        (
            "a line by the claim and one by the payment",
            &more,
            vec![back(2, 100_000), payment(3, "PD", "working", 100_000), back(4, -150_000)],
            &[],
        ),
        (
            "two amounts for one payment",
            &right,
            vec![back(2, 90_000), back(3, 80_000)],
            &["payment_not_in_log: CM", "payment_of_other_amount: PD CM"],
        ),
        (
            "not supported, and clawed back by both",
            &undone,
            vec![same.clone(), back(3, -100_000)],
            &["claim_no_longer_supported: CM CX"],
        ),
        ("claimed on the day of the payment, and told later", &late, vec![same.clone()], &[]),
        (
            "clawed back by the file alone",
            &right,
            vec![same.clone(), back(3, -100_000)],
            &["payment_not_in_log: CM"],
        ),
        (
            "clawed back, and paid again for another claim",
            &again,
            vec![payment(2, "CN", "working", 90_000)],
            &[],
        ),
    ];
    for (name, rows, mut payments, finds) in cases {
        for order in ["as it is", "reversed"] {
            let mut audited = audited(rows, "2024-09-30");
            audited.against(&payments);
            assert_eq!(found(&audited), finds, "{name}, {order}: {:#?}", audited.findings);
            payments.reverse();
        }
    }
}

//! Files of payments against the log and the rules: each case with all that is found.

use waystage::replay::audit::Payment;

use crate::now::{ALL_RIGHT, CLAIM, PAID, PART_BACK, PAYSLIP, audited, found};

fn payment(line: u64, claim: &str, rule: &str, pence: i64) -> Payment {
    let participation = "PA".to_owned();
    Payment { line, claim: claim.to_owned(), participation, rule: rule.into(), pence }
}

#[test]
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
    for (name, rows, payments, finds) in cases {
        let mut audited = audited(rows, "2024-09-30");
        audited.against(&payments);
        assert_eq!(found(&audited), finds, "{name}: {:#?}", audited.findings);
    }
}

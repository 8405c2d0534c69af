//! Files of payments that are none: each with its message.

use std::path::Path;

use waystage::exchange::{payments, read_payments};

#[test]
fn a_file_that_is_none_of_payments_is_refused_with_what_to_write() {
    let header = "write a header with claim, participation, rule, amount_pence";
    let cases = [
        ("", format!("p.csv:1: the column claim is missing: {header}")),
        ("claim,rule\n", format!("p.csv:1: the column participation is missing: {header}")),
        (
            "claim,participation,rule,amount_pence,claim\n",
            format!("p.csv:1: the column claim stands twice: {header}"),
        ),
        (
            "claim,participation,rule,amount_pence,name\n",
            format!("p.csv:1: column 5 is none of a file of payments: {header}"),
        ),
        (
            "claim,participation,rule,amount_pence\nC,P,R\n",
            "p.csv:2: this has more or fewer cells than the header: export it again".to_owned(),
        ),
        (
            "claim,participation,rule,amount_pence\nC,P,R,1\nC,,R,1\n",
            "p.csv:3: participation is empty: name it".to_owned(),
        ),
        (
            "claim,participation,rule,amount_pence\nC,P,R,1.50\n",
            "p.csv:2: amount_pence is not a whole number of pence: write 220000 for £2,200.00"
                .to_owned(),
        ),
    ];
    for (text, says) in cases {
        assert_eq!(payments("p.csv", text.as_bytes()).unwrap_err().to_string(), says, "{text}");
    }
    let latin = b"claim,participation,rule,amount_pence\n\xE9,P,R,1\n";
    let error = payments("p.csv", latin).unwrap_err().to_string();
    assert_eq!(error, "p.csv:2: the line is not UTF-8: export the file again");
    let error = read_payments(Path::new("no/such.csv")).unwrap_err().to_string();
    assert!(error.starts_with("no/such.csv: "), "{error}");
    let marked = b"\xEF\xBB\xBFclaim,participation,rule,amount_pence\r\n\"C,1\",P,R,-5\r\n";
    let rows = payments("p.csv", marked).unwrap();
    assert_eq!((rows[0].claim.as_str(), rows[0].amount_pence, rows[0].line), ("C,1", -5, 2));
}

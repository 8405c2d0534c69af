//! Numbers in words, for the sentences of accounts.

/// Returns a count with its noun: `1 day`, `31 days`.
pub(super) fn counted(number: u32, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Returns days: `1 day`, `31 days`.
pub(super) fn days(number: u32) -> String {
    counted(number, "day")
}

/// Returns pence as pounds, with separators: `£1,076.50`.
pub(super) fn pounds(pence: i128) -> String {
    let sign = if pence < 0 { "-" } else { "" };
    let pence = pence.unsigned_abs();
    let digits = (pence / 100).to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}£{grouped}.{:02}", pence % 100)
}

/// Returns a number as a place: `1st`, `22nd`, `52nd`.
pub(super) fn ordinal(number: u32) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!((days(1).as_str(), days(31).as_str()), ("1 day", "31 days"));
        assert_eq!(pounds(-123_456_709), "-£1,234,567.09");
        assert_eq!(pounds(5), "£0.05");
        let places: Vec<String> = [1, 2, 3, 11, 12, 13, 52, 101].map(ordinal).into();
        assert_eq!(places.join(" "), "1st 2nd 3rd 11th 12th 13th 52nd 101st");
    }
}

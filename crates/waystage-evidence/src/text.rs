//! How numbers, hashes and names stand in texts that are signed: exactly one way each, so that
//! nothing has to be repaired when it is read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::Digest;

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads padded base64; other padding and stray bits are refused.
pub(crate) fn of_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn base64_of_digest(digest: &Digest) -> String {
    base64(digest.as_bytes())
}

pub(crate) fn digest_of_base64(text: &str) -> Option<Digest> {
    Some(Digest::from_bytes(of_base64(text)?.try_into().ok()?))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads lower-case hexadecimal digits of `N` bytes.
pub(crate) fn of_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; N];
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// Reads decimal digits without sign or leading zeros, at most nineteen of them.
pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && text.len() < 20 && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

/// Tells whether this can name a key or a log: not empty, no spaces, no control characters, no `+`.
pub(crate) fn is_name(text: &str) -> bool {
    let stray = |each: char| each.is_whitespace() || each.is_control() || each == '+';
    !text.is_empty() && !text.contains(stray)
}

/// Tells whether this is a word: not empty, no spaces, no control characters.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|each: char| each.is_whitespace() || each.is_control())
}

/// Returns the number that these digits give, where they are digits and there are so many.
fn digits(text: &str, count: usize) -> Option<u32> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Tells whether this is a day of the calendar, `YYYY-MM-DD`, of the years 1 to 9999.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

/// Tells whether this is an instant, `YYYY-MM-DDThh:mm:ss.ffffffZ`.
pub(crate) fn is_instant(text: &str) -> bool {
    let read = || {
        let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
        let (time, micros) = time.split_once('.')?;
        let parts: Vec<&str> = time.split(':').collect();
        let &[hour, minute, second] = parts.as_slice() else { return None };
        digits(micros, 6)?;
        let fits = digits(hour, 2)? < 24 && digits(minute, 2)? < 60 && digits(second, 2)? < 60;
        Some(fits && is_day(day))
    };
    read().unwrap_or(false)
}

pub(crate) fn digest_of_hex(text: &str) -> Option<Digest> {
    of_hex(text).map(Digest::from_bytes)
}

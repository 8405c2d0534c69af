//! "Did you mean": the allowed word that is nearest to what was written, and the list of all.

use std::fmt;

/// What to write instead of a word that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instead {
    nearest: Option<String>,
    allowed: Vec<String>,
}

impl Instead {
    pub(crate) fn of<'a>(given: &str, allowed: impl IntoIterator<Item = &'a str>) -> Self {
        let allowed: Vec<String> = allowed.into_iter().map(str::to_owned).collect();
        let nearest = allowed
            .iter()
            .map(|word| (distance(given, word), word))
            .filter(|(distance, word)| *distance <= (word.chars().count() / 3).clamp(1, 4))
            .min()
            .map(|(_, word)| word.clone());
        Self { nearest, allowed }
    }

    /// Returns the same without the list, where a word is near.
    #[must_use]
    pub(crate) fn or_all(self) -> Self {
        match self.nearest {
            Some(nearest) => Self { allowed: vec![nearest.clone()], nearest: Some(nearest) },
            None => self,
        }
    }

    /// Returns the nearest word, where one is near, and always all that are allowed.
    pub(crate) fn in_full(&self) -> String {
        let all = one_of(&self.allowed);
        match &self.nearest {
            Some(nearest) if self.allowed.len() > 1 => format!("did you mean {nearest:?}? {all}"),
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => all,
        }
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.nearest {
            Some(nearest) => write!(f, "did you mean {nearest:?}?"),
            None => f.write_str(&one_of(&self.allowed)),
        }
    }
}

fn one_of(allowed: &[String]) -> String {
    match allowed {
        [] => "there is none, so add it or remove this line".to_owned(),
        [only] => format!("write {only:?}"),
        several => format!("write one of {}", listed(several)),
    }
}

/// Returns words in quotes, with commas and a final "or".
pub(crate) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{:?}", word.as_ref())).collect();
    match quoted.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
        rest => rest.concat(),
    }
}

/// Counts the letters to add, remove, change or swap with their neighbour; case and the kind of
/// dash do not matter.
fn distance(given: &str, word: &str) -> usize {
    let letters = |text: &str| -> Vec<char> {
        let lower = text.chars().flat_map(char::to_lowercase);
        lower.map(|c| if c == '_' { '-' } else { c }).collect()
    };
    let (given, word) = (letters(given), letters(word));
    if given.len() > word.len() * 2 + 4 {
        return given.len();
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=word.len()).collect()];
    for i in 1..=given.len() {
        let mut row = vec![i];
        for j in 1..=word.len() {
            let at = |row: usize, column: usize| rows[row][column];
            let change = at(i - 1, j - 1) + usize::from(given[i - 1] != word[j - 1]);
            let mut least = change.min(at(i - 1, j) + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && given[i - 1] == word[j - 2] && given[i - 2] == word[j - 1] {
                least = least.min(at(i - 2, j - 2) + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[given.len()][word.len()]
}

#[cfg(test)]
mod tests {
    use super::{Instead, distance};

    #[test]
    fn a_swap_is_one_slip_and_dashes_and_case_are_none() {
        assert_eq!(distance("strat", "start"), 1);
        assert_eq!(distance("silence_day", "silence_days"), 1);
        assert_eq!(distance("Within-Days", "within_days"), 0);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        let words = ["referral", "start"];
        let near = Instead::of("refferal", words);
        assert_eq!(near.to_string(), "did you mean \"referral\"?");
        let far = Instead::of("colour", words);
        assert_eq!(far.to_string(), "write one of \"referral\" or \"start\"");
    }
}

//! Closed lists of words: what an extract, a payload and a report may say. One macro gives each
//! list its spelling once, for reading, writing and storing alike.

macro_rules! codes {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$item:meta])* $variant:ident = $text:literal,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$item])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the word as it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Returns the word that is written so; none where the list has no such word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}

pub(crate) use codes;

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A GSS area code: one of `EWSNKJLM` and eight digits, kept as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GssCode([u8; 9]);

impl GssCode {
    /// Returns the code where the text looks like one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 9] = text.as_bytes().try_into().ok()?;
        let [nation, digits @ ..] = bytes;
        let looks_right = b"EWSNKJLM".contains(&nation) && digits.iter().all(u8::is_ascii_digit);
        looks_right.then_some(Self(bytes))
    }

    /// Returns the nine characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("?????????")
    }
}

impl fmt::Display for GssCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for GssCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for GssCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom("an area code is a letter of EWSNKJLM and eight digits")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::GssCode;

    #[test]
    fn a_gss_code_is_a_known_letter_and_eight_digits() {
        assert!(GssCode::parse("E08000003").is_some());
        for wrong in ["", "E0800003", "E080000033", "X08000003", "e08000003", "E0800000A"] {
            assert_eq!(GssCode::parse(wrong), None, "{wrong}");
        }
    }
}

//! What every step has in common: an enum of facts, one variant a kind, named as the kind is.

macro_rules! step {
    ($(#[$doc:meta])* $step:ident { $($kind:ident($payload:ident),)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(missing_docs)] // a variant is its kind; its payload says what it holds
        pub enum $step {
            $($kind($payload),)*
        }

        impl $step {
            /// Returns the kind of the fact.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)* }
            }

            /// Reads the payload of a kind; none where the kind is of another step.
            pub(super) fn of_kind<'de, D: serde::Deserializer<'de>>(
                kind: Kind,
                payload: D,
            ) -> Option<Result<Self, D::Error>> {
                Some(match kind {
                    $(Kind::$kind => serde::Deserialize::deserialize(payload).map(Self::$kind),)*
                    _ => return None,
                })
            }
        }
    };
}

pub(crate) use step;

//! Bench targets only; there is no library here.

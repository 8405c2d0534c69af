//! Arrows, bans, sizes.

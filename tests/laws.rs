//! The laws, as properties.

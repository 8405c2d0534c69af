//! An import that is killed and run again.

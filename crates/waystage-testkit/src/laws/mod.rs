//! The laws.

mod readings;

pub use readings::{
    Read, Upheld, arrival_order, because_alone, honest, read_all, readings, record, recorded,
    same_in_both, scenario,
};

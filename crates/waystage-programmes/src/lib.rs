//! Programme packs: data, and the loader that reads and judges it.

//! A whole extract against answers computed elsewhere.

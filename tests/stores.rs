//! Every store passes the suite.

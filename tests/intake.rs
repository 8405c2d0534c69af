//! Every reject code and every malformed file.

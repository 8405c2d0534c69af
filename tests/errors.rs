//! Every message.

//! Where sessions are kept.

mod memory;

//! The provider of a sign-in: how it is configured, how it is asked over sockets, and that the one of
//! the tests is strict.

mod settings;
mod sockets;
mod strict;

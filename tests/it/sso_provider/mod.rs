//! The identity provider: its settings, requests over sockets, and that the tests' provider is strict.

mod settings;
mod sockets;
mod strict;

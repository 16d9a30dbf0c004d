//! HTTP/2 by frames that no library would send (RFC 9113): which errors end a stream, which the connection,
//! and that floods stay bounded while another client is served.

mod connection;
mod floods;
pub(crate) mod frames;
mod requests;

//! Where requests come from: the peer, the proxies in between, the client behind them.

mod client;
mod proxies;
mod start_budget;

pub(super) use self::client::ClientNetwork;
pub use self::proxies::{ClientAddress, TrustedProxies};
pub(super) use self::start_budget::StartBudget;

//! Sign-in of people by a browser: OpenID Connect and OAuth 2.0.

mod allow_list;
mod answer;
mod callback;
mod callback_parameters;
mod config;
mod flights;
mod layer;
mod login;
mod logout;
mod maintenance;
mod network;
mod origin;
mod page;
pub mod provider;
mod recheck;
mod refresh;
mod return_path;
mod routes;
mod seconds;
mod session;
mod sessions;
mod state;
mod stored;
mod trouble;
mod visit;
mod wants_sign_in;

pub use self::allow_list::AllowList;
pub use self::layer::SsoLayer;
pub use self::network::{ClientAddress, TrustedProxies};
pub use self::origin::PublicUrl;
pub use self::page::{Page, PageKind};
pub use self::provider::Provider;
#[cfg(fuzzing)]
pub(crate) use self::return_path::return_path;

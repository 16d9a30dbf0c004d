//! Tokens in the path, as conda clients send them.

mod future;
mod layer;
mod mounts;
mod redacted;
mod service;

pub use self::future::ResponseFuture;
pub use self::layer::PathTokenLayer;
pub use self::redacted::Redacted;
pub use self::service::TakePathToken;

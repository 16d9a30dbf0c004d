//! One inner service behind three gates, and valid and invalid tokens.

mod stacks;
mod tokens;

pub use self::stacks::{
    Stack, admits, jwt_authorizer, portcullis, portcullis_without_memory, request, resource_server,
    resource_server_by_default,
};
pub use self::tokens::{Row, Tokens};

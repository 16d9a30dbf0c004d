use portcullis::session::RedisSessions;
use portcullis::sso::provider::Provider;

use crate::given::Document;

/// Sign-in of people at a mount, for `portcullis check` and the start of the program.
pub(crate) struct People {
    /// The path to which the provider redirects them.
    pub(crate) callback: String,
    /// The URL of that path, which must be registered at the provider.
    pub(crate) redirect_uri: String,
    pub(crate) provider: Provider,
    /// The store of their sessions, unless these are in cookies.
    pub(crate) redis: Option<RedisSessions>,
    /// The proxy that the mount imitates.
    pub(crate) profile: Profile,
}

/// The cookies, routes and responses of sign-in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Profile {
    #[default]
    Portcullis,
    /// As the OAuth streaming proxy has them.
    StreamingProxy,
}

impl Document for Profile {}

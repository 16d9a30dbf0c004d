use portcullis::Secret;

use crate::given::{Document, Finder, Given};

/// The secrets of sign-in, which are read from the environment only.
#[derive(Clone)]
pub(crate) struct Secrets {
    pub(super) client: Option<Given<Secret>>,
    pub(super) cookie: Given<Secret>,
    /// Whether it is derived from the client secret.
    pub(super) is_derived: bool,
    pub(super) previous_cookie: Vec<Given<Secret>>,
    /// The Redis that keeps sessions; without one, they are in cookies. The URL may have a password.
    pub(super) redis_url: Option<Given<Secret>>,
}

impl Document for Secrets {}

/// Previous secrets, whose cookies are still accepted.
pub(super) fn previous(finder: &mut Finder<'_>) -> Vec<Given<Secret>> {
    let Some(Given { value, source }) = finder.list("COOKIE_SECRET_PREVIOUS") else {
        return Vec::new();
    };
    let secrets = value.into_iter().map(|secret| Given {
        value: Secret::new(secret),
        source: source.clone(),
    });
    secrets.collect()
}

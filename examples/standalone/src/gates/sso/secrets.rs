use portcullis::Secret;

use crate::given::{Document, Finder, Given};

/// The secrets of sign-in, which are read from variables and files of their own only.
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

/// Previous secrets, separated by commas, whose cookies are still accepted.
pub(super) fn previous(finder: &mut Finder<'_>) -> Vec<Given<Secret>> {
    let secrets = finder.secret("COOKIE_SECRET_PREVIOUS", "COOKIE_SECRET_PREVIOUS_FILE");
    let Some(Given { value, source }) = secrets else {
        return Vec::new();
    };
    let secrets = value.expose().split(',').map(str::trim);
    let secrets = secrets.filter(|secret| !secret.is_empty());
    let secrets = secrets.map(|secret| Given {
        value: Secret::new(secret),
        source: source.clone(),
    });
    secrets.collect()
}

use std::time::SystemTime;

use crate::jwt::ClaimSet;
use crate::secret::Secret;

/// What a callback brought, and what the start of the sign-in kept for it.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    /// The PKCE verifier, of 43 to 128 characters (RFC 7636 section 4.1).
    pub(crate) verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: SystemTime,
}

/// Who has signed in, and the tokens that go with it.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) claims: ClaimSet,
    pub(crate) subject: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// The end of the access token, where the provider tells.
    pub(crate) expires_at: Option<SystemTime>,
}

/// What a refresh brought. `None`: as it was before.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) claims: Option<ClaimSet>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) access_token: Secret,
    /// The one to use from now on: the new one, else the one that was used.
    pub(crate) refresh_token: Secret,
    pub(crate) id_token: Option<Secret>,
    /// The end of the new access token, where the provider tells; else it is not known, whatever the
    /// old one's was.
    pub(crate) expires_at: Option<SystemTime>,
}

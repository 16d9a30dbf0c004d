/// What a browser is sent to the authorization endpoint with.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) state: &'a str,
    pub(crate) redirect_uri: &'a str,
    /// The PKCE verifier, of which the challenge is sent (RFC 7636 section 4.2).
    pub(crate) verifier: &'a str,
    /// Sent to an OpenID Connect provider alone.
    pub(crate) nonce: &'a str,
}

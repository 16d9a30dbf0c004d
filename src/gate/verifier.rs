use super::decision::Decision;
use crate::client_address::ClientNetwork;

/// Judges a user name and a password.
///
/// User tables implement it, and closures do (see [`password_verifier_fn`]). It may grant scopes, by
/// [`Identity::with_scopes`](super::Identity::with_scopes). A table that stands before other methods in an
/// [`AnyOf`](super::AnyOf) answers [`Decision::Absent`] for a password that is not of its shape, so that the
/// next method is asked; the last method never does.
pub trait PasswordVerifier: Send + Sync + 'static {
    /// Judges a name and a password, which are UTF-8 without control characters.
    ///
    /// `network` is that of the client, for a verifier that has to choose whom it serves first.
    fn verify(&self, user: &str, password: &str, network: ClientNetwork) -> Decision;
}

impl<F> PasswordVerifier for F
where
    F: Fn(&str, &str, ClientNetwork) -> Decision + Send + Sync + 'static,
{
    fn verify(&self, user: &str, password: &str, network: ClientNetwork) -> Decision {
        self(user, password, network)
    }
}

/// Makes a [`PasswordVerifier`] of a closure, whose arguments need no types.
///
/// ```
/// use portcullis::basic_auth::BasicAuthLayer;
/// use portcullis::gate::{Decision, Identity, Refusal, password_verifier_fn};
///
/// let verifier = password_verifier_fn(|user, password, _network| match (user, password) {
///     ("ana", "s3cret") => Decision::admit(Identity::new("basic", user).with_scopes(["wheels:read"])),
///     _ => Decision::refuse(Refusal::invalid("wrong password")),
/// });
/// let layer = BasicAuthLayer::new("packages", verifier)?;
/// # let _ = tower_layer::Layer::layer(&layer, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
pub fn password_verifier_fn<F>(verify: F) -> F
where
    F: Fn(&str, &str, ClientNetwork) -> Decision + Send + Sync + 'static,
{
    verify
}

/// Judges a token, whichever [`Carrier`](super::Carrier) it came by.
///
/// Token stores implement it, and closures do (see [`token_verifier_fn`]). It answers
/// [`Decision::Absent`] for a token that is not of its shape.
pub trait TokenVerifier: Send + Sync + 'static {
    /// Judges a token.
    fn verify(&self, token: &str) -> Decision;
}

impl<F> TokenVerifier for F
where
    F: Fn(&str) -> Decision + Send + Sync + 'static,
{
    fn verify(&self, token: &str) -> Decision {
        self(token)
    }
}

/// Makes a [`TokenVerifier`] of a closure, whose argument needs no type.
///
/// ```
/// use portcullis::gate::{Decision, Identity, Refusal, TokenVerifier, token_verifier_fn};
///
/// let verifier = token_verifier_fn(|token| match token.strip_prefix("ci-") {
///     None => Decision::Absent,
///     Some("s3cret") => Decision::admit(Identity::new("token", "ci")),
///     Some(_) => Decision::refuse(Refusal::invalid("unknown token")),
/// });
/// assert!(matches!(verifier.verify("another"), Decision::Absent));
/// ```
pub fn token_verifier_fn<F>(verify: F) -> F
where
    F: Fn(&str) -> Decision + Send + Sync + 'static,
{
    verify
}

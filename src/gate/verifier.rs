use super::decision::Decision;

/// What a name and a password are worth.
///
/// Implemented by user tables, and by any closure of this form. A table that also serves beside
/// other methods answers [`Decision::Absent`] for a password that is not of its shape, so that the
/// next method is asked; the last one never does.
pub trait PasswordVerifier: Send + Sync + 'static {
    /// Judges a name and a password, which are UTF-8 without control characters.
    fn verify(&self, user: &str, password: &str) -> Decision;
}

impl<F> PasswordVerifier for F
where
    F: Fn(&str, &str) -> Decision + Send + Sync + 'static,
{
    fn verify(&self, user: &str, password: &str) -> Decision {
        self(user, password)
    }
}

/// What a token is worth, whichever [`Carrier`](super::Carrier) it came by.
///
/// It answers [`Decision::Absent`] for a token that is not of its shape.
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

use std::sync::Arc;

use super::error::CredentialsError;
use super::provider::{CredentialsProvider, Outcome};
use crate::clock::Clock;
use crate::flight::Lost;

/// Asks a source of credentials, and takes none that have expired.
pub(super) async fn ask(source: Arc<impl CredentialsProvider>, clock: Arc<dyn Clock>) -> Outcome {
    let credentials = source.credentials().await?;
    let expires_at = credentials.expires_at();
    if expires_at.is_some_and(|expires_at| expires_at <= clock.now()) {
        return Err(CredentialsError::new(
            "the source gave credentials that have expired",
        ));
    }
    Ok(credentials)
}

/// What a source is said to have done that gave no answer.
pub(super) fn lost(how: Lost) -> Outcome {
    Err(CredentialsError::new(match how {
        Lost::TimedOut => "the source of credentials has not answered in time",
        Lost::Panicked => "the source of credentials has panicked",
    }))
}

use std::time::SystemTime;

use super::error::{ProviderError, ProviderErrorKind};
use super::person::Person;
use super::settings::Provider;
use super::token_endpoint::TokenAnswer;
use crate::jwt::ClaimSet;
use crate::secret::Secret;

/// The result of a refresh. `None`: unchanged.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) claims: Option<ClaimSet>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) access_token: Secret,
    /// The refresh token to use from now on: the new one, or the old one if there is none.
    pub(crate) refresh_token: Secret,
    pub(crate) id_token: Option<Secret>,
    /// The expiry of the new access token, if the provider sent one. That of the old token says nothing
    /// about it.
    pub(crate) expires_at: Option<SystemTime>,
}

impl Provider {
    /// Gets new tokens for `subject`.
    ///
    /// Once the tokens have arrived, a failure of the keys or of the user endpoint is not an error: the
    /// old refresh token may be spent, and the new one must not be lost. The claims then stay as they
    /// were.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &Secret,
        subject: &str,
        now: SystemTime,
    ) -> Result<Refreshed, ProviderError> {
        let metadata = self.metadata().await?;
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ];
        let answer = self.tokens(&metadata, &grant).await?;
        let person = match self.person_of_new_token(&answer, subject, now).await {
            Err(error) if !is_final(&error) => None,
            told => told?,
        };
        let id_token = person.is_some().then_some(answer.id_token).flatten();
        Ok(Refreshed {
            claims: person.map(|person| person.claims),
            scopes: answer.scopes,
            access_token: answer.access_token,
            refresh_token: answer
                .refresh_token
                .unwrap_or_else(|| refresh_token.clone()),
            id_token,
            expires_at: answer.expires_in.map(|time| now + time),
        })
    }

    /// The person of a new ID token, if there is one. It must be the same person (OpenID Connect Core 1.0
    /// section 12.2).
    async fn person_of_new_token(
        &self,
        answer: &TokenAnswer,
        subject: &str,
        now: SystemTime,
    ) -> Result<Option<Person>, ProviderError> {
        let Some(id_token) = answer.id_token.as_ref().filter(|_| self.is_openid()) else {
            return Ok(None);
        };
        let access_token = &answer.access_token;
        let person = self.of_id_token(id_token, access_token, None, now).await?;
        if person.subject != subject {
            let problem = "the ID token of the refresh names another person";
            return Err(ProviderError::new(ProviderErrorKind::IdToken, problem));
        }
        self.completed(person, access_token).await.map(Some)
    }
}

/// Whether an error says that the person is no longer signed in.
fn is_final(error: &ProviderError) -> bool {
    matches!(
        error.kind(),
        ProviderErrorKind::IdToken | ProviderErrorKind::Denied
    )
}

use std::time::SystemTime;

use super::error::{ProviderError, ProviderErrorKind};
use super::person::Person;
use super::settings::Provider;
use super::token_endpoint::TokenAnswer;
use crate::jwt::ClaimSet;
use crate::secret::Secret;

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

impl Provider {
    /// Gets new tokens for those of `subject`.
    ///
    /// Once the tokens are there, trouble with keys or with the user endpoint is no error: the refresh
    /// token that was used may be spent, and who has the new one must not lose it. Then the claims are
    /// those of before.
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
        let person = match self.told_anew(&answer, subject, now).await {
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

    /// What a new ID token says, where there is one: of the same person (OpenID Connect Core 1.0
    /// section 12.2).
    async fn told_anew(
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
            let problem = "the ID token of a refresh is somebody else's";
            return Err(ProviderError::new(ProviderErrorKind::IdToken, problem));
        }
        self.completed(person, access_token).await.map(Some)
    }
}

/// Whether an error says that nobody is signed in any more.
fn is_final(error: &ProviderError) -> bool {
    matches!(
        error.kind(),
        ProviderErrorKind::IdToken | ProviderErrorKind::Denied
    )
}

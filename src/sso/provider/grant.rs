use std::time::SystemTime;

use super::error::{ProviderError, ProviderErrorKind};
use super::person::Person;
use super::settings::{Protocol, Provider};
use super::token_endpoint::TokenAnswer;
use crate::jwt::{ClaimSet, IdTokenFault, IdTokenRules};
use crate::secret::Secret;

/// A code from a callback, and the parameters of the sign-in that it belongs to.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a str,
    /// The PKCE verifier of 43 to 128 characters (RFC 7636 section 4.1).
    pub(crate) verifier: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: SystemTime,
}

/// The person who has signed in, and the tokens.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) claims: ClaimSet,
    pub(crate) subject: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) id_token: Option<Secret>,
    /// The expiry of the access token, if the provider sent one.
    pub(crate) expires_at: Option<SystemTime>,
}

impl Provider {
    /// Redeems a code, which the provider accepts once.
    pub(crate) async fn redeem(&self, redemption: Redemption<'_>) -> Result<Grant, ProviderError> {
        let metadata = self.metadata().await?;
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", redemption.code),
            ("redirect_uri", redemption.redirect_uri),
            ("code_verifier", redemption.verifier),
        ];
        let answer = self.tokens(&metadata, &grant).await?;
        let person = match &self.settings.protocol {
            Protocol::OpenId { .. } => {
                let person = self.signed_in(&answer, &redemption).await?;
                self.completed(person, &answer.access_token).await?
            }
            Protocol::OAuth2(endpoints)
                if endpoints.metadata.user.is_some() && endpoints.asks_at_sign_in =>
            {
                let user = self.user(&answer.access_token).await?;
                Person::of_user(user, endpoints.subject_claims.as_deref())?
            }
            Protocol::OAuth2(_) => Person::unknown(),
        };
        let scopes = answer
            .scopes
            .unwrap_or_else(|| self.settings.scopes.clone());
        Ok(Grant {
            claims: person.claims,
            subject: person.subject,
            scopes,
            expires_at: answer.expires_in.map(|time| redemption.now + time),
            access_token: answer.access_token,
            refresh_token: answer.refresh_token,
            id_token: self.is_openid().then_some(answer.id_token).flatten(),
        })
    }

    async fn signed_in(
        &self,
        answer: &TokenAnswer,
        redemption: &Redemption<'_>,
    ) -> Result<Person, ProviderError> {
        let id_token = answer.id_token.as_ref().ok_or_else(|| {
            let problem = "the token endpoint sent no ID token";
            ProviderError::new(ProviderErrorKind::IdToken, problem)
        })?;
        let sign_in = Some((redemption.nonce, redemption.code));
        self.of_id_token(id_token, &answer.access_token, sign_in, redemption.now)
            .await
    }

    /// Verifies an ID token. That of a sign-in is also checked against its nonce and code.
    pub(super) async fn of_id_token(
        &self,
        id_token: &Secret,
        access_token: &Secret,
        sign_in: Option<(&str, &str)>,
        now: SystemTime,
    ) -> Result<Person, ProviderError> {
        let Protocol::OpenId {
            discovery, keys, ..
        } = &self.settings.protocol
        else {
            let problem = "a plain OAuth 2.0 provider has no ID tokens";
            return Err(ProviderError::new(ProviderErrorKind::IdToken, problem));
        };
        let rules = IdTokenRules {
            issuer: discovery.issuer(),
            client_id: &self.settings.client_id,
            nonce: sign_in.map(|(nonce, _)| nonce),
            code: sign_in.map(|(_, code)| code),
            access_token: access_token.expose(),
            now,
        };
        let claims = rules.verify(id_token.expose(), keys).await;
        Person::of_id_token(&claims.map_err(|fault| match fault {
            IdTokenFault::Bad(detail) => {
                let problem = "the ID token is not valid";
                ProviderError::new(ProviderErrorKind::IdToken, problem).with_source(detail)
            }
            IdTokenFault::KeysUnavailable => {
                let problem = "the issuer's keys could not be fetched";
                ProviderError::new(ProviderErrorKind::Unreachable, problem)
            }
        })?)
    }

    /// Adds what the user endpoint says, if the ID token lacks a wanted claim and there is such an
    /// endpoint.
    pub(super) async fn completed(
        &self,
        person: Person,
        access_token: &Secret,
    ) -> Result<Person, ProviderError> {
        let mut wanted = self.settings.wanted_claims.iter();
        let is_complete = person.claims.get("email").is_some()
            && wanted.all(|path| path.find(&person.claims).is_some());
        if is_complete || self.metadata().await?.user.is_none() {
            return Ok(person);
        }
        person.complete(&self.user(access_token).await?)
    }
}

use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::Map;

use super::error::{ProviderError, ProviderErrorKind};
use super::exchange::{credentials, json_request, object};
use super::person::Person;
use super::settings::{Protocol, Provider};
use crate::jwt::ClaimSet;
use crate::secret::Secret;

impl Provider {
    /// Asks the user endpoint whose access token this is, and whether it is valid. There are no claims if
    /// only the status is used.
    pub(super) async fn user(&self, access_token: &Secret) -> Result<ClaimSet, ProviderError> {
        let metadata = self.metadata().await?;
        let url = metadata.user.as_ref().ok_or_else(|| {
            let problem = "the provider has no user endpoint";
            ProviderError::new(ProviderErrorKind::Malformed, problem)
        })?;
        // RFC 6750 section 2.1.
        let bearer = credentials("Bearer", access_token.expose())?;
        let mut request = json_request(url);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let answer = self.exchange(request).await?;
        let problem = "the user endpoint did not answer 200";
        match answer.status() {
            StatusCode::OK => {}
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                let denied = ProviderError::new(ProviderErrorKind::Denied, problem);
                return Err(denied.with_status(status));
            }
            status => {
                return Err(ProviderError::new(
                    ProviderErrorKind::Status(status),
                    problem,
                ));
            }
        }
        match &self.settings.protocol {
            Protocol::OAuth2(endpoints) if !endpoints.asks_at_sign_in => {
                Ok(ClaimSet::from_object(Map::new()))
            }
            _ => object(&answer).map(ClaimSet::from_object),
        }
    }

    /// Asks the user endpoint whether an access token is still valid and belongs to `subject`. `None` if
    /// only the status is used.
    pub(crate) async fn recheck(
        &self,
        access_token: &Secret,
        subject: &str,
    ) -> Result<Option<ClaimSet>, ProviderError> {
        let claims = self.user(access_token).await?;
        let person = match &self.settings.protocol {
            Protocol::OAuth2(endpoints) if endpoints.asks_at_sign_in => {
                Person::of_user(claims, endpoints.subject_claims.as_deref())?
            }
            _ => return Ok(None),
        };
        if person.subject != subject {
            let problem = "the access token now belongs to another person";
            return Err(ProviderError::new(ProviderErrorKind::Denied, problem));
        }
        Ok(Some(person.claims))
    }
}

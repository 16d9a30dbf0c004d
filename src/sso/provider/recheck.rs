use super::error::{ProviderError, ProviderErrorKind};
use super::person::Person;
use super::settings::{Protocol, Provider};
use crate::jwt::ClaimSet;
use crate::secret::Secret;

impl Provider {
    /// Asks the user endpoint whether an access token is good, and `subject`'s still. `None` where its
    /// status is all that it is asked for.
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
            let problem = "the access token is somebody else's by now";
            return Err(ProviderError::new(ProviderErrorKind::Denied, problem));
        }
        Ok(Some(person.claims))
    }
}

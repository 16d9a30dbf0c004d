use http::{HeaderValue, StatusCode};

use super::challenge::Challenge;
use super::reason::RefusalKind;
use super::refusal::Refusal;
use crate::error::ConfigError;
use crate::https_url::require_https;

/// The `WWW-Authenticate` lines of a method that takes tokens (RFC 6750 section 3).
///
/// There is no `error_description`: nothing that the library could say is meant for a client.
#[derive(Clone)]
pub(super) struct BearerChallenge {
    realm: String,
    resource_metadata: Option<String>,
    /// Without an error, and the line of the same realm for who can send a password alone.
    bearer: Challenge,
    basic: Challenge,
}

impl BearerChallenge {
    pub(super) fn new(realm: String) -> Result<Self, ConfigError> {
        let bearer = Challenge::new("Bearer")?.with_param("realm", &*realm)?;
        let basic = Challenge::new("Basic")?
            .with_param("realm", &*realm)?
            .with_param("charset", "UTF-8")?;
        Ok(Self {
            realm,
            resource_metadata: None,
            bearer,
            basic,
        })
    }

    pub(super) fn set_resource_metadata(&mut self, url: String) -> Result<(), ConfigError> {
        require_https("resource_metadata", &url)?;
        self.resource_metadata = Some(url);
        self.bearer = self.line(None, None)?;
        Ok(())
    }

    /// Without an error, as it stands in a `Debug`.
    pub(super) fn header_value(&self) -> HeaderValue {
        self.bearer.header_value()
    }

    /// Tells the client what is wrong with the token that it presented, or that it needs one.
    pub(super) fn add_to(&self, refusal: &mut Refusal, is_presented: bool) {
        let error = match refusal.kind() {
            RefusalKind::Missing | RefusalKind::Invalid if is_presented => Some("invalid_token"),
            RefusalKind::Missing | RefusalKind::Invalid => None,
            RefusalKind::Malformed if is_presented => Some("invalid_request"),
            RefusalKind::InsufficientScope => Some("insufficient_scope"),
            // What is wrong with it is another method's to tell, or no token mends it.
            _ => return,
        };
        let line = match error {
            None => Ok(self.bearer.clone()),
            // A scope that some other part made up may be one that cannot be written.
            Some(_) => self
                .line(error, refusal.scope())
                .or_else(|_| self.line(error, None)),
        };
        if let Ok(line) = line {
            refusal.add_challenge(line);
        }
    }

    /// A browser would ask for another password on a 403, and no password mends a 400.
    pub(super) fn add_basic_to(&self, refusal: &mut Refusal) {
        if refusal.status() == StatusCode::UNAUTHORIZED {
            refusal.add_challenge(self.basic.clone());
        }
    }

    fn line(&self, error: Option<&str>, scope: Option<&str>) -> Result<Challenge, ConfigError> {
        let mut line = Challenge::new("Bearer")?.with_param("realm", &*self.realm)?;
        for (name, value) in [
            ("error", error),
            ("scope", scope),
            ("resource_metadata", self.resource_metadata.as_deref()),
        ] {
            if let Some(value) = value {
                line = line.with_param(name, value)?;
            }
        }
        Ok(line)
    }
}

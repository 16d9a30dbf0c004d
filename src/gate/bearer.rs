use http::{HeaderValue, StatusCode};

use super::challenge::Challenge;
use super::reason::RefusalKind;
use super::refusal::Refusal;
use crate::error::ConfigError;
use crate::https_url::require_https;

/// The `WWW-Authenticate` lines of a method for tokens (RFC 6750 section 3).
///
/// There is no `error_description`, since the reason of a refusal is not for the client.
#[derive(Clone)]
pub(super) struct BearerChallenge {
    realm: String,
    resource_metadata: Option<String>,
    /// Without an error, and the line of the same realm for clients that can only send a password.
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

    /// The line without an error, for `Debug`.
    pub(super) fn header_value(&self) -> HeaderValue {
        self.bearer.header_value()
    }

    /// Adds the line with the error of the token, or without one if there was no token.
    pub(super) fn add_to(&self, refusal: &mut Refusal, is_presented: bool) {
        let error = match refusal.kind() {
            RefusalKind::Missing | RefusalKind::Invalid if is_presented => Some("invalid_token"),
            RefusalKind::Missing | RefusalKind::Invalid => None,
            RefusalKind::Malformed if is_presented => Some("invalid_request"),
            RefusalKind::InsufficientScope => Some("insufficient_scope"),
            // Another method's line says what is wrong, or no other token would help.
            _ => return,
        };
        let line = match error {
            None => Ok(self.bearer.clone()),
            // A scope from another part may have characters that a challenge cannot.
            Some(_) => self
                .line(error, refusal.scope())
                .or_else(|_| self.line(error, None)),
        };
        if let Ok(line) = line {
            refusal.add_challenge(line);
        }
    }

    /// Not on a 403, at which a browser would ask for another password, nor on a 400, where none helps.
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

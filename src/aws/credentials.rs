use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;

use crate::error::ConfigError;
use crate::secret::Secret;

const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";

/// An access key, with a session token if it is temporary. Cloning is cheap.
#[derive(Clone)]
pub struct Credentials {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<HeaderValue>,
    expires_at: Option<SystemTime>,
}

impl Credentials {
    /// A long-term access key.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the id is empty or has other characters than letters, digits, `-`, `_`
    /// and `.`, and if the secret is empty.
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<Secret>,
    ) -> Result<Self, ConfigError> {
        let access_key_id = access_key_id.into();
        let secret_access_key = secret_access_key.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if access_key_id.is_empty() || !access_key_id.bytes().all(plain) {
            let problem = "must consist of letters, digits, '-', '_' and '.'";
            return Err(ConfigError::new("access key id", problem));
        }
        if secret_access_key.expose().is_empty() {
            return Err(ConfigError::new("secret access key", "must not be empty"));
        }
        let inner = Inner {
            access_key_id,
            secret_access_key,
            session_token: None,
            expires_at: None,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Adds the session token of temporary credentials.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the token has a control character, which no header can carry.
    pub fn with_session_token(mut self, token: &str) -> Result<Self, ConfigError> {
        let mut token = HeaderValue::from_str(token)
            .map_err(|_| ConfigError::new("session token", "must not have control characters"))?;
        token.set_sensitive(true);
        Arc::make_mut(&mut self.inner).session_token = Some(token);
        Ok(self)
    }

    /// Adds the time at which they expire.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        Arc::make_mut(&mut self.inner).expires_at = Some(expires_at);
        self
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` from the
    /// environment of the process. A variable that is empty or not UTF-8 counts as unset.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`], which names the variable, if one of the keys is not set or
    /// [`Credentials::new`] refuses a value.
    pub fn from_env() -> Result<Self, ConfigError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the method is named after the environment"
        )]
        let found = Self::from_variables(|name| std::env::var(name).ok())?;
        found.ok_or_else(|| ConfigError::new(ID, "is not set"))
    }

    /// As [`Credentials::from_env`], with `lookup` in place of the environment. Returns `None` if
    /// neither of the keys is set.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`], which names the variable, if only one of the keys is set or
    /// [`Credentials::new`] refuses a value.
    pub fn from_variables(
        lookup: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let get = |name| lookup(name).filter(|value| !value.is_empty());
        let named = |name| move |error: ConfigError| ConfigError::new(name, error.problem());
        let credentials = match (get(ID), get(SECRET)) {
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return Err(ConfigError::new(
                    SECRET,
                    "is not set, but AWS_ACCESS_KEY_ID is",
                ));
            }
            (None, Some(_)) => {
                return Err(ConfigError::new(
                    ID,
                    "is not set, but AWS_SECRET_ACCESS_KEY is",
                ));
            }
            (Some(id), Some(secret)) => Self::new(id, secret).map_err(named(ID))?,
        };
        match get(TOKEN) {
            None => Ok(Some(credentials)),
            Some(token) => credentials
                .with_session_token(&token)
                .map(Some)
                .map_err(named(TOKEN)),
        }
    }

    /// The id of the access key. It is not secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.inner.access_key_id
    }

    /// When they expire; `None` if they do not.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.inner.expires_at
    }

    pub(super) fn secret_access_key(&self) -> &Secret {
        &self.inner.secret_access_key
    }

    pub(super) fn session_token(&self) -> Option<&HeaderValue> {
        self.inner.session_token.as_ref()
    }

    /// Whether both are clones of one value.
    pub(super) fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.inner.access_key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Option<Credentials>, ConfigError> {
        Credentials::from_variables(|name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_has_both_keys_or_neither() {
        let id = ("AWS_ACCESS_KEY_ID", "AKID");
        let secret = ("AWS_SECRET_ACCESS_KEY", "s3cr3t");
        let token = ("AWS_SESSION_TOKEN", "t0k3n");

        assert!(from(&[]).unwrap().is_none());
        assert!(
            from(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")])
                .unwrap()
                .is_none()
        );
        assert!(from(&[token]).unwrap().is_none());
        let long_term = from(&[id, secret]).unwrap().unwrap();
        assert_eq!(long_term.access_key_id(), "AKID");
        assert!(long_term.session_token().is_none());
        let temporary = from(&[id, secret, token]).unwrap().unwrap();
        assert_eq!(temporary.session_token().unwrap(), "t0k3n");
        assert!(temporary.session_token().unwrap().is_sensitive());

        for (variables, setting) in [
            (&[id][..], "AWS_SECRET_ACCESS_KEY"),
            (&[secret], "AWS_ACCESS_KEY_ID"),
            (
                &[id, ("AWS_SECRET_ACCESS_KEY", "")],
                "AWS_SECRET_ACCESS_KEY",
            ),
            (&[("AWS_ACCESS_KEY_ID", "A/B"), secret], "AWS_ACCESS_KEY_ID"),
            (
                &[id, secret, ("AWS_SESSION_TOKEN", "a\nb")],
                "AWS_SESSION_TOKEN",
            ),
        ] {
            let error = from(variables).unwrap_err();
            assert_eq!(error.setting(), setting);
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn an_expiry_leaves_the_clones_alone() {
        let forever = Credentials::new("AKID", "s3cr3t").unwrap();
        let expiring = forever.clone().with_expires_at(SystemTime::UNIX_EPOCH);
        assert_eq!(forever.expires_at(), None);
        assert_eq!(expiring.expires_at(), Some(SystemTime::UNIX_EPOCH));
        assert!(!expiring.is_clone_of(&forever));
        assert!(expiring.is_clone_of(&expiring.clone()));
    }

    #[test]
    fn debug_prints_the_id_alone() {
        let credentials = Credentials::new("AKID", "s3cr3t")
            .unwrap()
            .with_session_token("t0k3n");
        let printed = format!("{:?}", credentials.unwrap());
        assert_eq!(printed, r#"Credentials { access_key_id: "AKID", .. }"#);
    }
}

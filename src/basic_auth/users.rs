use std::collections::HashMap;
use std::fmt;

use crate::client_address::ClientNetwork;
use crate::error::ConfigError;
use crate::gate::{Decision, Identity, PasswordVerifier, Refusal, require_scope_token};
use crate::secret::Secret;

/// A table of users with their passwords, from the configuration.
///
/// The [`Identity`] of a user has the method `basic`, the user name as its subject and the scopes that
/// [`with_scopes`](Self::with_scopes) grants.
///
/// ```
/// use portcullis::basic_auth::FixedUsers;
///
/// let users = FixedUsers::new([("ci", "s3cret"), ("ana", "open sesame")])?
///     .with_scopes("ci", ["wheels:read", "wheels:write"])?;
/// # let _ = users;
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
///
/// An unknown user takes the same work as a known one with a wrong password: the password is compared, in
/// constant time, with one that no user has.
pub struct FixedUsers {
    users: HashMap<String, User>,
    nobodys_password: Secret,
}

struct User {
    password: Secret,
    identity: Identity,
}

impl User {
    fn new(name: &str, password: Secret) -> Self {
        Self {
            password,
            identity: Identity::new("basic", name),
        }
    }
}

impl FixedUsers {
    /// Takes pairs of a user name and a password. An empty table admits no user.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if a user name has a colon, since that user could never sign in; either has
    /// a control character; a password is empty, which is usually a variable that was not set; or a user
    /// is given twice.
    pub fn new<I, U, P>(users: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator<Item = (U, P)>,
        U: Into<String>,
        P: Into<Secret>,
    {
        let mut table = HashMap::new();
        for (name, password) in users {
            let (name, password) = (name.into(), password.into());
            if name.contains(':') || has_control(&name) {
                let problem = format!("{name:?} has a colon or a control character");
                return Err(ConfigError::new("user", problem));
            }
            // `BASIC_AUTH="ci:$TOKEN"` without a TOKEN would admit every client that knows the user.
            if password.expose().is_empty() || has_control(password.expose()) {
                let problem = format!("that of {name:?} is empty or has a control character");
                return Err(ConfigError::new("password", problem));
            }
            let user = User::new(&name, password);
            if table.insert(name.clone(), user).is_some() {
                return Err(ConfigError::new("user", format!("{name:?} is given twice")));
            }
        }
        Ok(Self {
            users: table,
            nobodys_password: Secret::new("nobody's"),
        })
    }

    /// Grants scopes to a user, in place of those granted before.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no such user, or a scope is not a scope token of RFC 6749
    /// section 3.3.
    pub fn with_scopes<I>(mut self, user: &str, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        scopes.iter().try_for_each(|it| require_scope_token(it))?;
        let Some(known) = self.users.get_mut(user) else {
            return Err(ConfigError::new(
                "user",
                format!("{user:?} is not in the table"),
            ));
        };
        known.identity = known.identity.clone().with_scopes(scopes);
        Ok(self)
    }
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

impl PasswordVerifier for FixedUsers {
    fn verify(&self, user: &str, password: &str, _network: ClientNetwork) -> Decision {
        let known = self.users.get(user);
        // Compared before the user is known to exist, so that both cases take the same work. Whether
        // nobody's password matches does not matter.
        let matches = known
            .map_or(&self.nobodys_password, |user| &user.password)
            .matches(password.as_bytes());
        match known {
            Some(user) if matches => Decision::admit(user.identity.clone()),
            _ => Decision::refuse(Refusal::invalid("unknown user or wrong password")),
        }
    }
}

impl fmt::Debug for FixedUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedUsers")
            .field("users", &self.users.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Verdict;
    use crate::secret::comparisons;

    #[test]
    fn an_unknown_user_costs_one_comparison_too() {
        for users in [
            &[][..],
            &[("known", "s3cret")],
            &[("known", "s3cret"), ("", "s3cret")],
        ] {
            let users = FixedUsers::new(users.iter().copied()).unwrap();
            for (user, password) in [
                ("known", "s3cret"),
                ("known", "guess"),
                ("unknown", "s3cret"),
                ("unknown", ""),
            ] {
                let before = comparisons();
                let decision = users.verify(user, password, ClientNetwork::UNKNOWN);
                assert_eq!(comparisons() - before, 1, "{user}:{password} in {users:?}");
                let admitted = matches!(decision, Decision::Now(Verdict::Admit(_)));
                let right = (user, password) == ("known", "s3cret") && !users.users.is_empty();
                assert_eq!(admitted, right, "{user}:{password} in {users:?}");
            }
        }
    }

    #[test]
    fn nobody_has_nobodys_password() {
        let users = FixedUsers::new([("known", "s3cret")]).unwrap();
        for password in [users.nobodys_password.expose(), "\0", ""] {
            for user in ["unknown", "", "known"] {
                let decision = users.verify(user, password, ClientNetwork::UNKNOWN);
                assert!(
                    matches!(decision, Decision::Now(Verdict::Refuse(_))),
                    "{user}:{password}"
                );
            }
        }
    }
}

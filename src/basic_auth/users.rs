use std::collections::HashMap;
use std::fmt;

use crate::error::ConfigError;
use crate::gate::{Decision, Identity, PasswordVerifier, Refusal};
use crate::secret::Secret;

/// A table of users that stands in the configuration.
///
/// Whoever is admitted has the method `basic` and the user name as the subject.
///
/// An unknown user costs what a known one with a wrong password costs: the password is compared, in
/// constant time, with one that nobody has.
pub struct FixedUsers {
    users: HashMap<String, User>,
    nobody: User,
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
    /// Takes pairs of a user name and a password. With none, nobody is admitted.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a user name with a colon, which could never sign in; for a control
    /// character in either; for an empty password, which is most often a variable that was not set;
    /// and for a user given twice.
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
            if password.expose().is_empty() || has_control(password.expose()) {
                let problem = format!("that of {name:?} is empty or has a control character");
                return Err(ConfigError::new("password", problem));
            }
            let user = User::new(&name, password);
            if table.insert(name.clone(), user).is_some() {
                return Err(ConfigError::new("user", format!("{name:?} is given twice")));
            }
        }
        // No request has a control character in its password, so this one is never matched.
        let nobody = User::new("", Secret::new("\0"));
        Ok(Self {
            users: table,
            nobody,
        })
    }
}

fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

impl PasswordVerifier for FixedUsers {
    fn verify(&self, user: &str, password: &str) -> Decision {
        let user = self.users.get(user).unwrap_or(&self.nobody);
        if user.password.matches(password.as_bytes()) {
            Decision::admit(user.identity.clone())
        } else {
            Decision::refuse(Refusal::invalid("unknown user or wrong password"))
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

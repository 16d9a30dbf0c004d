use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;

use super::failed_logins::{FailedLogins, Login};
use crate::client_address::ClientNetwork;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::gate::{
    Authenticator, BasicCredentials, Carrier, Challenge, Decision, PasswordVerifier, Presented,
    Refusal, ScopePolicy, Verdict, impl_layer_for_method,
};

/// Layer that admits by a user name and a password.
///
/// See the [module docs](crate::basic_auth) for the requests that are admitted and refused.
///
/// The verifier may be a closure. One that must wait returns [`Decision::later`]:
///
/// ```
/// use portcullis::basic_auth::BasicAuthLayer;
/// use portcullis::gate::{Admission, Decision, Identity, Refusal, Verdict, password_verifier_fn};
///
/// # async fn ask_directory(user: &str, password: &str) -> bool { !user.is_empty() && password == "x" }
/// let verifier = password_verifier_fn(|user, password, _network| {
///     let (user, password) = (user.to_owned(), password.to_owned());
///     Decision::later(async move {
///         if ask_directory(&user, &password).await {
///             Verdict::Admit(Admission::new(Identity::new("directory", user)))
///         } else {
///             Verdict::Refuse(Refusal::invalid("unknown to the directory"))
///         }
///     })
/// });
/// let layer = BasicAuthLayer::new("packages", verifier)?;
/// # let _ = tower_layer::Layer::layer(&layer, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct BasicAuthLayer {
    shared: Arc<Shared>,
    failed_logins: Arc<FailedLogins>,
    required: Option<ScopePolicy>,
}

struct Shared {
    challenge: Challenge,
    carrier: Carrier,
    verifier: Box<dyn PasswordVerifier>,
}

impl BasicAuthLayer {
    /// Guards `realm` by `verifier`. Browsers may show the realm in their prompt.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the realm is not printable ASCII.
    pub fn new(
        realm: impl Into<String>,
        verifier: impl PasswordVerifier,
    ) -> Result<Self, ConfigError> {
        let challenge = Challenge::new("Basic")?
            .with_param("realm", realm)?
            .with_param("charset", "UTF-8")?;
        let carrier = Carrier::basic_password();
        let verifier = Box::new(verifier);
        Ok(Self {
            shared: Arc::new(Shared {
                challenge,
                carrier,
                verifier,
            }),
            failed_logins: Arc::new(FailedLogins::new(Arc::new(SystemClock))),
            required: None,
        })
    }

    /// Requires scopes of the user. A user who lacks them is refused with 403.
    pub fn with_required_scopes(mut self, policy: ScopePolicy) -> Self {
        self.required = Some(policy);
        self
    }

    /// Sets the clock that times the waits after failed logins (default [`SystemClock`]). What was counted
    /// before is forgotten.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.failed_logins = Arc::new(FailedLogins::new(Arc::new(clock)));
        self
    }

    fn judge(&self, credentials: &BasicCredentials, network: ClientNetwork) -> Decision {
        let (user, password) = credentials.both();
        let login = match self.failed_logins.begin(network, user, password) {
            Ok(login) => login,
            Err(wait) => return Decision::refuse(Refusal::too_many_failures(wait)),
        };
        let decision = self.shared.verifier.verify(user, password, network);
        // Most decisions go on as they are: a verdict is large.
        match decision {
            Decision::Later(verdict) if login.is_some() || self.required.is_some() => {
                let layer = self.clone();
                Decision::later(async move {
                    let verdict = verdict.await;
                    if let Some(login) = login {
                        layer.failed_logins.end_later(login, &verdict);
                    }
                    layer.require(verdict)
                })
            }
            Decision::Now(verdict) if self.required.is_some() => {
                self.end(login, Some(&verdict));
                Decision::Now(self.require(verdict))
            }
            Decision::Now(ref verdict) => {
                self.end(login, Some(verdict));
                decision
            }
            Decision::Absent => {
                self.end(login, None);
                decision
            }
            Decision::Later(_) => decision,
        }
    }

    fn end(&self, login: Option<Login>, verdict: Option<&Verdict>) {
        if let Some(login) = login {
            self.failed_logins.end(login, verdict);
        }
    }

    fn require(&self, verdict: Verdict) -> Verdict {
        match &self.required {
            Some(policy) => policy.judge(verdict),
            None => verdict,
        }
    }
}

impl Authenticator for BasicAuthLayer {
    fn authenticate(&self, head: &Parts) -> Decision {
        match BasicCredentials::from_head(head) {
            Presented::Absent => Decision::Absent,
            Presented::Refused(refusal) => Decision::refuse(refusal),
            Presented::Given(credentials) => self.judge(&credentials, ClientNetwork::of_head(head)),
        }
    }

    fn challenge(&self, _head: &Parts, refusal: &mut Refusal) {
        // Not on a 403, at which a browser would ask for another password, nor on a 400 or 429, where none
        // helps.
        if refusal.status() == StatusCode::UNAUTHORIZED {
            refusal.add_challenge(self.shared.challenge.clone());
        }
    }

    fn strip(&self, head: &mut Parts) {
        self.shared.carrier.strip(head);
    }
}

impl_layer_for_method!(BasicAuthLayer);

impl fmt::Debug for BasicAuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicAuthLayer")
            .field("challenge", &self.shared.challenge.header_value())
            .finish_non_exhaustive()
    }
}

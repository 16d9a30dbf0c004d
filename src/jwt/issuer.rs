use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::algorithm::Algorithm;
use super::claim_policy::ClaimPolicy;
use super::claims::{self, ClaimPath};
use super::key_source::KeySource;
use crate::error::ConfigError;

/// The usual claims of scopes.
static SCOPE_CLAIMS: LazyLock<[ClaimPath; 4]> =
    LazyLock::new(|| claims::SCOPE_CLAIMS.map(ClaimPath::of_claim));

pub(super) const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
const MAX_LEEWAY: Duration = Duration::from_mins(5);

/// A trusted issuer: its name, the audiences that its tokens must have, and its keys.
///
/// See the [module docs](crate::jwt) for the other rules for a token. A clone shares the keys.
#[derive(Clone)]
#[must_use]
pub struct TrustedIssuer {
    pub(super) name: Arc<str>,
    /// `None`: any.
    pub(super) audiences: Option<Arc<[Box<str>]>>,
    pub(super) keys: Arc<dyn KeySource>,
    /// `None`: every algorithm that the keys permit.
    algorithms: Option<Arc<[Algorithm]>>,
    pub(super) is_strict: bool,
    pub(super) leeway: Duration,
    /// `None`: the usual ones.
    scope_claims: Option<Arc<[ClaimPath]>>,
    pub(super) required_claims: Option<ClaimPolicy>,
    /// `None`: `sub`, or else the client.
    pub(super) subject_claim: Option<ClaimPath>,
}

impl TrustedIssuer {
    /// Trusts tokens with this `iss` and one of these audiences in `aud`.
    ///
    /// Both are compared byte for byte: `https://idp.example` and `https://idp.example/` differ.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the issuer or an audience is empty, or if there is no audience.
    pub fn new<I>(
        issuer: impl Into<String>,
        audiences: I,
        keys: impl KeySource,
    ) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let audiences = audiences
            .into_iter()
            .map(|name| name.into().into_boxed_str());
        let audiences: Arc<[_]> = audiences.collect();
        if audiences.is_empty() {
            return Err(ConfigError::new("audiences", "there must be at least one"));
        }
        if audiences.iter().any(|audience| audience.is_empty()) {
            return Err(ConfigError::new(
                "audiences",
                "an audience must not be empty",
            ));
        }
        Self::build(issuer.into(), Some(audiences), keys)
    }

    /// Trusts tokens with this `iss` and any audience.
    ///
    /// Any service that receives a token of this issuer can use it here.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the issuer is empty.
    pub fn insecure_with_any_audience(
        issuer: impl Into<String>,
        keys: impl KeySource,
    ) -> Result<Self, ConfigError> {
        Self::build(issuer.into(), None, keys)
    }

    fn build(
        issuer: String,
        audiences: Option<Arc<[Box<str>]>>,
        keys: impl KeySource,
    ) -> Result<Self, ConfigError> {
        if issuer.is_empty() {
            return Err(ConfigError::new("issuer", "must not be empty"));
        }
        Ok(Self {
            name: issuer.into(),
            audiences,
            keys: Arc::new(keys),
            algorithms: None,
            is_strict: false,
            leeway: DEFAULT_LEEWAY,
            scope_claims: None,
            required_claims: None,
            subject_claim: None,
        })
    }

    /// Accepts only tokens signed by one of these algorithms. The key must permit it as well.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no algorithm.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, ConfigError> {
        let algorithms: Arc<[_]> = algorithms.into_iter().collect();
        if algorithms.is_empty() {
            return Err(ConfigError::new("algorithms", "there must be at least one"));
        }
        self.algorithms = Some(algorithms);
        Ok(self)
    }

    /// Accepts only access tokens of RFC 9068: `typ` is `at+jwt`, `iss`, `exp`, `aud`, `sub`, `client_id`,
    /// `iat` and `jti` are present, and by default scopes come from `scope` alone: see
    /// [`with_scope_claims`](Self::with_scope_claims).
    pub fn with_access_token_profile(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Allows the issuer's clock and this one to differ by this much (default 30 seconds).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if it is more than five minutes.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, ConfigError> {
        if leeway > MAX_LEEWAY {
            return Err(ConfigError::new("leeway", "must be at most five minutes"));
        }
        self.leeway = leeway;
        Ok(self)
    }

    /// Reads scopes from these paths, instead of the claims `scope`, `scp`, `scopes` and `permissions`.
    ///
    /// A path that a token does not have grants nothing. A string is split at spaces only if its name is one
    /// of these four (RFC 8693 section 4.2); under any other name it is one scope.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no path, or if one names a claim that says who or what a token is for,
    /// such as `sub` or `repository`: these belong into [`with_required_claims`](Self::with_required_claims),
    /// which never takes the value of one claim for that of another.
    pub fn with_scope_claims(
        mut self,
        paths: impl IntoIterator<Item = ClaimPath>,
    ) -> Result<Self, ConfigError> {
        let paths: Arc<[_]> = paths.into_iter().collect();
        if paths.is_empty() {
            return Err(ConfigError::new(
                "scope claims",
                "there must be at least one",
            ));
        }
        if let Some(path) = paths.iter().find(|path| names_a_client(path)) {
            let problem = format!(
                "{path} says whom a token is for, not what it may do: require it as a claim"
            );
            return Err(ConfigError::new("scope claims", problem));
        }
        self.scope_claims = Some(paths);
        Ok(self)
    }

    /// Names the client by this claim, instead of `sub`, `client_id` or `azp`. A token without it is refused.
    ///
    /// The name appears in logs, and other parts may decide by it: choose a claim that no client can choose.
    pub fn with_subject_claim(mut self, path: ClaimPath) -> Self {
        self.subject_claim = Some(path);
        self
    }

    /// Accepts only tokens whose claims satisfy `policy`. Any other good token is refused with 403, and the
    /// [`Mismatch`](crate::gate::Mismatch) is in the reason.
    pub fn with_required_claims(mut self, policy: ClaimPolicy) -> Self {
        self.required_claims = Some(policy);
        self
    }

    /// The permitted algorithms, if they are restricted.
    pub(super) fn algorithms(&self) -> &[Algorithm] {
        self.algorithms.as_deref().unwrap_or_default()
    }

    pub(super) fn permits(&self, algorithm: Algorithm) -> bool {
        let algorithms = self.algorithms.as_ref();
        algorithms.is_none_or(|algorithms| algorithms.contains(&algorithm))
    }

    pub(super) fn scope_claims(&self) -> &[ClaimPath] {
        match &self.scope_claims {
            Some(paths) => paths,
            None if self.is_strict => &SCOPE_CLAIMS[..1],
            None => &*SCOPE_CLAIMS,
        }
    }
}

/// Whether the claim tells the client apart from others: by the JWT registry, and by what CI services and
/// clouds put into the tokens of workloads.
fn names_a_client(path: &ClaimPath) -> bool {
    const NAMES: [&str; 27] = [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "azp",
        "client_id",
        "email",
        "repository",
        "repository_id",
        "repository_owner",
        "ref",
        "environment",
        "workflow",
        "workflow_ref",
        "job_workflow_ref",
        "actor",
        "project_path",
        "namespace_path",
        "ref_path",
        "organization_slug",
        "pipeline_slug",
        "namespace",
        "tid",
        "oid",
    ];
    NAMES.contains(&path.last())
}

impl fmt::Debug for TrustedIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedIssuer")
            .field("name", &self.name)
            .field("audiences", &self.audiences)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

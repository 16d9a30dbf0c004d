use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::authorization::Presented;
use super::bearer::BearerChallenge;
use super::carrier::{Carrier, Token};
use super::decision::{Decision, Verdict};
use super::refusal::Refusal;
use super::scope_policy::ScopePolicy;
use super::verifier::TokenVerifier;
use crate::error::ConfigError;

/// The common part of the layers for tokens: the carriers, the verifier, the required scopes and the
/// challenges (RFC 6750).
#[derive(Clone)]
pub(crate) struct TokenMethod {
    settings: Arc<Settings>,
}

#[derive(Clone)]
struct Settings {
    challenge: BearerChallenge,
    carriers: Vec<Carrier>,
    verifier: Arc<dyn TokenVerifier>,
    required: Option<ScopePolicy>,
}

impl TokenMethod {
    pub(crate) fn new(
        realm: impl Into<String>,
        verifier: impl TokenVerifier,
    ) -> Result<Self, ConfigError> {
        let settings = Settings {
            challenge: BearerChallenge::new(realm.into())?,
            carriers: vec![Carrier::bearer(), Carrier::basic_password()],
            verifier: Arc::new(verifier),
            required: None,
        };
        Ok(Self {
            settings: Arc::new(settings),
        })
    }

    pub(crate) fn with_carriers(
        mut self,
        carriers: impl IntoIterator<Item = Carrier>,
    ) -> Result<Self, ConfigError> {
        let mut places: Vec<Carrier> = Vec::new();
        for carrier in carriers {
            if places.contains(&carrier) {
                return Err(ConfigError::new("carriers", "a carrier is given twice"));
            }
            places.push(carrier);
        }
        if places.is_empty() {
            return Err(ConfigError::new("carriers", "at least one is required"));
        }
        self.set().carriers = places;
        Ok(self)
    }

    pub(crate) fn with_required_scopes(mut self, policy: ScopePolicy) -> Self {
        self.set().required = Some(policy);
        self
    }

    pub(crate) fn with_resource_metadata(
        mut self,
        url: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        self.set().challenge.set_resource_metadata(url.into())?;
        Ok(self)
    }

    fn set(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    pub(crate) fn authenticate(&self, head: &Parts) -> Decision {
        let (carrier, token) = match self.settings.find(head) {
            Presented::Absent => return Decision::Absent,
            Presented::Refused(refusal) => return Decision::refuse(refusal),
            Presented::Given(found) => found,
        };
        match self.settings.verifier.verify(token.as_str()) {
            Decision::Absent => Decision::Absent,
            Decision::Now(verdict) => Decision::Now(self.settings.complete(verdict, carrier)),
            Decision::Later(verdict) => {
                let (method, carrier) = (self.clone(), carrier.clone());
                Decision::later(async move { method.settings.complete(verdict.await, &carrier) })
            }
        }
    }

    pub(crate) fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        let settings = &*self.settings;
        let is_presented = !matches!(settings.find(head), Presented::Absent);
        settings.challenge.add_to(refusal, is_presented);
        if settings.carriers.contains(&Carrier::basic_password()) {
            settings.challenge.add_basic_to(refusal);
        }
    }

    pub(crate) fn strip(&self, head: &mut Parts) {
        for carrier in &self.settings.carriers {
            carrier.strip(head);
        }
    }

    /// Prints the settings as those of the layer `name`.
    pub(crate) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("challenge", &self.settings.challenge.header_value())
            .field("carriers", &self.settings.carriers)
            .field("required", &self.settings.required)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The one token of a request. A request with tokens in two carriers is malformed, whatever the tokens
    /// are (RFC 6750 sections 2 and 3.1).
    fn find<'a>(&'a self, head: &'a Parts) -> Presented<(&'a Carrier, Token<'a>)> {
        let mut found = Presented::Absent;
        for carrier in &self.carriers {
            let here = match carrier.find(head) {
                Presented::Absent => continue,
                Presented::Given(token) => Presented::Given((carrier, token)),
                Presented::Refused(refusal) => Presented::Refused(refusal),
            };
            if !matches!(found, Presented::Absent) {
                return Presented::Refused(Refusal::malformed("tokens in several carriers"));
            }
            found = here;
        }
        found
    }

    /// Completes the verifier's verdict by the required scopes, and by the consequences of the carrier for
    /// the request and its response.
    fn complete(&self, verdict: Verdict, carrier: &Carrier) -> Verdict {
        let verdict = match &self.required {
            Some(policy) => policy.judge(verdict),
            None => verdict,
        };
        let Verdict::Admit(mut admission) = verdict else {
            return verdict;
        };
        if carrier.is_cookie() {
            admission = admission.by_cookie();
        }
        // RFC 9111 section 3.5 keeps shared caches from storing responses to requests with an
        // `Authorization` field, but not with a token elsewhere.
        if !carrier.is_authorization() {
            admission = admission.with_private_answer();
        }
        Verdict::Admit(admission)
    }
}

/// Makes a layer of a struct whose one field is `method: TokenMethod`: the settings that every such
/// layer has, its `Authenticator` and its `Debug`.
macro_rules! impl_token_layer {
    ($layer:ident) => {
        impl $layer {
            /// Looks for the token in these places (default: `Authorization: Bearer` and the password
            /// of `Authorization: Basic`).
            ///
            /// A request with a token in more than one of them is refused with 400. An identity from a
            /// cookie is marked by [`Identity::by_cookie`](crate::gate::Identity::by_cookie). Shared caches
            /// must not store the response to a token outside of `Authorization`.
            ///
            /// # Errors
            ///
            /// Returns [`ConfigError`](crate::ConfigError) if there is no carrier, or one is given twice.
            pub fn with_carriers(
                self,
                carriers: impl IntoIterator<Item = $crate::gate::Carrier>,
            ) -> Result<Self, $crate::error::ConfigError> {
                let method = self.method.with_carriers(carriers)?;
                Ok(Self { method })
            }

            /// Requires scopes of every token. To require scopes for a part of the paths, put a
            /// [`RequireScopeLayer`](crate::gate::RequireScopeLayer) further in.
            pub fn with_required_scopes(self, policy: $crate::gate::ScopePolicy) -> Self {
                let method = self.method.with_required_scopes(policy);
                Self { method }
            }

            /// Names the URL of the resource's metadata in every `Bearer` challenge (RFC 9728 section
            /// 5.1), so that a client can find the authorization server.
            ///
            /// # Errors
            ///
            /// Returns [`ConfigError`](crate::ConfigError) if the URL is neither `https` nor `http` to a
            /// loopback host, or has a fragment.
            pub fn with_resource_metadata(
                self,
                url: impl Into<String>,
            ) -> Result<Self, $crate::error::ConfigError> {
                let method = self.method.with_resource_metadata(url)?;
                Ok(Self { method })
            }
        }

        impl $crate::gate::Authenticator for $layer {
            fn authenticate(&self, head: &http::request::Parts) -> $crate::gate::Decision {
                self.method.authenticate(head)
            }

            fn challenge(&self, head: &http::request::Parts, refusal: &mut $crate::gate::Refusal) {
                self.method.challenge(head, refusal);
            }

            fn strip(&self, head: &mut http::request::Parts) {
                self.method.strip(head);
            }
        }

        $crate::gate::impl_layer_for_method!($layer);

        impl std::fmt::Debug for $layer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.method.fmt_as(stringify!($layer), f)
            }
        }
    };
}
pub(crate) use impl_token_layer;

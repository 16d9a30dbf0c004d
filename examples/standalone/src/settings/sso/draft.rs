use portcullis::Secret;

use crate::settings::error::Source;
use crate::settings::given::Given;

/// `[mounts.sso]`, or what the variables of a provider say.
pub(in crate::settings) struct SsoDraft {
    /// The setting that makes this gate.
    pub(in crate::settings) source: Source,
    pub(in crate::settings) provider: ProviderDraft,
    pub(in crate::settings) client_id: Given,
    pub(in crate::settings) client_secret: Option<Given<Secret>>,
    pub(in crate::settings) scopes: Option<Given<Vec<String>>>,
    /// Where `http` is said to do beyond this machine, for the provider and the public URL.
    pub(in crate::settings) insecure_http: Option<Source>,
    pub(in crate::settings) public_url: Option<Given>,
    pub(in crate::settings) trusted_proxies: Option<Given<Vec<String>>>,
    pub(in crate::settings) cookie_secret: Given<Secret>,
    /// Whether that is made of the client secret.
    pub(in crate::settings) is_derived: bool,
    pub(in crate::settings) previous_cookie_secrets: Vec<Given<Secret>>,
    pub(in crate::settings) allowed: AllowedDraft,
    pub(in crate::settings) lifetime_seconds: Option<Given<i64>>,
    pub(in crate::settings) idle_seconds: Option<Given<i64>>,
    pub(in crate::settings) same_site: Option<Given>,
    /// Where sessions are kept; without it, in their cookies. The URL may hold a password.
    pub(in crate::settings) redis_url: Option<Given<Secret>>,
    /// Whether it answers as the OAuth streaming proxy does, and has its names.
    pub(in crate::settings) is_streaming_proxy: bool,
    /// The variables that this is made of.
    pub(in crate::settings) variables: Vec<String>,
}

/// Where people sign in.
pub(in crate::settings) enum ProviderDraft {
    /// By OpenID Connect.
    Issuer(Given),
    /// By plain OAuth 2.0.
    Endpoints(EndpointsDraft),
}

pub(in crate::settings) struct EndpointsDraft {
    pub(in crate::settings) authorize: Given,
    pub(in crate::settings) token: Given,
    pub(in crate::settings) user: Option<Given>,
    pub(in crate::settings) recheck_seconds: Option<Given<i64>>,
}

/// Who of those that the provider knows is let in.
#[derive(Default)]
pub(in crate::settings) struct AllowedDraft {
    pub(in crate::settings) emails: Option<Given<Vec<String>>>,
    pub(in crate::settings) domains: Option<Given<Vec<String>>>,
    /// Where it is said that addresses count which the provider does not call verified.
    pub(in crate::settings) unverified: Option<Source>,
    pub(in crate::settings) groups: Option<Given<Vec<String>>>,
    /// The path of the claim that has the groups.
    pub(in crate::settings) groups_claim: Option<Given<Vec<String>>>,
    pub(in crate::settings) scopes: Option<Given<Vec<String>>>,
    /// Where it is said that whoever can sign in may read.
    pub(in crate::settings) everyone: Option<Source>,
}

impl AllowedDraft {
    /// Whether nothing is said, of lists or of everyone.
    pub(super) fn is_empty(&self) -> bool {
        let lists = [&self.emails, &self.domains, &self.groups, &self.scopes];
        self.everyone.is_none() && lists.into_iter().flatten().next().is_none()
    }
}

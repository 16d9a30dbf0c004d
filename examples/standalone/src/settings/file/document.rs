use serde::Deserialize;
use toml::Spanned;

type Text = Option<Spanned<String>>;
type Texts = Option<Spanned<Vec<String>>>;
type Number = Option<Spanned<i64>>;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) listen: Text,
    pub(super) workers: Number,
    #[serde(default)]
    pub(super) tls: Tls,
    #[serde(default)]
    pub(super) log: Log,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) shutdown: Shutdown,
    #[serde(default)]
    pub(super) health: Health,
    #[serde(default)]
    pub(super) mounts: Vec<Spanned<Mount>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tls {
    pub(super) certfile: Text,
    pub(super) keyfile: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log {
    pub(super) format: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) header_bytes: Number,
    pub(super) header_seconds: Number,
    pub(super) idle_seconds: Number,
    pub(super) connections: Number,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shutdown {
    pub(super) grace_seconds: Number,
    pub(super) deadline_seconds: Number,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Health {
    pub(super) live: Text,
    pub(super) ready: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mount {
    pub(super) path: Spanned<String>,
    #[serde(default)]
    pub(super) public: Vec<Spanned<String>>,
    pub(super) insecure_no_auth: Option<Spanned<bool>>,
    pub(super) basic: Option<Spanned<Basic>>,
    pub(super) jwt: Option<Spanned<Jwt>>,
    pub(super) tokens: Option<Tokens>,
    pub(super) sso: Option<Spanned<Sso>>,
    pub(super) s3: S3,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Basic {
    pub(super) user: Text,
    pub(super) password_env: Text,
    pub(super) htpasswd_file: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jwt {
    pub(super) require: Option<Spanned<Vec<OneOrMore>>>,
    pub(super) resource: Text,
    #[serde(default)]
    pub(super) issuers: Vec<Spanned<Issuer>>,
}

#[expect(clippy::struct_field_names, reason = "the names are those of the file")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issuer {
    pub(super) issuer: Spanned<String>,
    pub(super) audience: Option<Spanned<OneOrMore>>,
    pub(super) insecure_any_audience: Option<Spanned<bool>>,
    pub(super) jwks_url: Text,
    pub(super) insecure_http: Option<Spanned<bool>>,
    pub(super) key_file: Text,
    pub(super) algorithms: Texts,
    pub(super) profile: Text,
    pub(super) scope_claims: Option<Spanned<Vec<OneOrMore>>>,
    pub(super) leeway_seconds: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tokens {
    pub(super) file: Spanned<String>,
    pub(super) require: Option<Spanned<Vec<OneOrMore>>>,
    #[serde(default)]
    pub(super) in_path: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sso {
    pub(super) issuer: Text,
    pub(super) authorize_url: Text,
    pub(super) token_url: Text,
    pub(super) user_url: Text,
    pub(super) recheck_seconds: Number,
    pub(super) client_id: Spanned<String>,
    pub(super) client_secret_env: Text,
    pub(super) scopes: Texts,
    pub(super) insecure_http: Option<Spanned<bool>>,
    pub(super) public_url: Text,
    pub(super) trusted_proxies: Texts,
    pub(super) cookie_secret_env: Spanned<String>,
    pub(super) previous_cookie_secrets_env: Texts,
    pub(super) allowed_emails: Texts,
    pub(super) allowed_domains: Texts,
    pub(super) insecure_unverified_emails: Option<Spanned<bool>>,
    pub(super) allowed_groups: Texts,
    pub(super) groups_claim: Option<Spanned<OneOrMore>>,
    pub(super) allowed_scopes: Texts,
    pub(super) allow_everyone_signed_in: Option<Spanned<bool>>,
    pub(super) lifetime_seconds: Number,
    pub(super) idle_lifetime_seconds: Number,
    pub(super) same_site: Text,
    pub(super) redis_url_env: Text,
}

/// A text, or a list of them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a text, or a list of texts")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Vec<String> {
    fn from(texts: OneOrMore) -> Self {
        match texts {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct S3 {
    pub(super) bucket: Spanned<String>,
    pub(super) prefix: Text,
    pub(super) region: Text,
    pub(super) endpoint_url: Text,
    pub(super) connect_seconds: Number,
    pub(super) first_byte_seconds: Number,
    pub(super) idle_seconds: Number,
    #[serde(default = "yes")]
    pub(super) index: bool,
    pub(super) content_types: Text,
    pub(super) html: Text,
    pub(super) not_found: Text,
    pub(super) query_parameters: Texts,
    pub(super) response_headers: Texts,
    pub(super) health_key: Text,
}

fn yes() -> bool {
    true
}

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

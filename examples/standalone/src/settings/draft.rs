use portcullis::Secret;

use super::error::Source;
use super::given::Given;
use super::jwt::JwtDraft;
use super::sso::SsoDraft;
use super::tokens::TokensDraft;

/// What was said, each with where it was said, and not judged yet. The file makes one, and so do flags
/// and variables.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) listen: Option<Given>,
    /// `PORT`, where nothing else says where to listen.
    pub(super) port: Option<Given>,
    pub(super) workers: Option<Given>,
    pub(super) certfile: Option<Given>,
    pub(super) keyfile: Option<Given>,
    pub(super) log_format: Option<Given>,
    pub(super) header_bytes: Option<Given<i64>>,
    pub(super) header_seconds: Option<Given<i64>>,
    pub(super) idle_seconds: Option<Given<i64>>,
    pub(super) connections: Option<Given<i64>>,
    pub(super) grace_seconds: Option<Given<i64>>,
    pub(super) deadline_seconds: Option<Given<i64>>,
    pub(super) live: Option<Given>,
    pub(super) ready: Option<Given>,
    pub(super) mounts: Vec<MountDraft>,
}

pub(super) struct MountDraft {
    pub(super) path: Given,
    pub(super) bucket: Option<Given>,
    pub(super) prefix: Option<Given>,
    pub(super) region: Option<Given>,
    pub(super) endpoint: Option<Given>,
    pub(super) connect_seconds: Option<Given<i64>>,
    pub(super) first_byte_seconds: Option<Given<i64>>,
    pub(super) idle_seconds: Option<Given<i64>>,
    pub(super) index: bool,
    pub(super) content_types: Option<Given>,
    pub(super) html: Option<Given>,
    pub(super) not_found: Option<Given>,
    pub(super) query_parameters: Option<Given<Vec<String>>>,
    pub(super) response_headers: Option<Given<Vec<String>>>,
    /// A key of the bucket, below the prefix.
    pub(super) health_key: Option<Given>,
    pub(super) public: Vec<Given>,
    pub(super) login: Option<Login>,
    pub(super) htpasswd_file: Option<Given>,
    pub(super) jwt: Option<JwtDraft>,
    pub(super) tokens: Option<TokensDraft>,
    pub(super) sso: Option<SsoDraft>,
    /// Where a gate was said to be left out.
    pub(super) insecure_no_auth: Option<Source>,
}

/// The one user of a mount.
pub(super) struct Login {
    pub(super) source: Source,
    pub(super) user: String,
    pub(super) password: Secret,
    /// What both have to be, for who got it wrong.
    pub(super) rule: &'static str,
}

impl MountDraft {
    pub(super) fn at(path: Given) -> Self {
        Self {
            path,
            bucket: None,
            prefix: None,
            region: None,
            endpoint: None,
            connect_seconds: None,
            first_byte_seconds: None,
            idle_seconds: None,
            index: true,
            content_types: None,
            html: None,
            not_found: None,
            query_parameters: None,
            response_headers: None,
            health_key: None,
            public: Vec::new(),
            login: None,
            htpasswd_file: None,
            jwt: None,
            tokens: None,
            sso: None,
            insecure_no_auth: None,
        }
    }

    /// Whether it stands in a file, whose words differ from those of flags and variables.
    pub(super) fn is_of_file(&self) -> bool {
        matches!(self.path.source, Source::File { .. })
    }
}

use portcullis::session::RedisSessions;

/// How people sign in at a mount: what the program says and tries at its start.
pub(crate) struct People {
    /// The path that the provider sends them back to.
    pub(crate) callback: String,
    /// The URL of it, which has to be registered there.
    pub(crate) redirect_uri: String,
    /// Where their sessions are kept, if not in their cookies.
    pub(crate) redis: Option<RedisSessions>,
    /// What is less safe than it could be.
    pub(crate) warnings: Vec<String>,
    /// Whether the mount answers as the OAuth streaming proxy does.
    pub(crate) is_streaming_proxy: bool,
}

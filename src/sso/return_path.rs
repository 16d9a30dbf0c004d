use http::Uri;

/// Where a browser goes when the sign-in is over: a path of this site, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnPath(String);

impl ReturnPath {
    pub(super) fn parse(target: &str) -> Option<Self> {
        let _ = target;
        todo!()
    }

    /// The target of a request without its scheme and host, or `/` where nobody may be sent there.
    pub(super) fn of(uri: &Uri) -> Self {
        let _ = uri;
        todo!()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the query, for the caller to compare with its own routes, where no sign-in may end.
    pub(super) fn path(&self) -> &str {
        todo!()
    }
}

/// The page that the site begins with.
impl Default for ReturnPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

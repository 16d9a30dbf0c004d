use http::Uri;

use crate::error::ConfigError;

/// The paths that a sign-in answers for itself.
#[derive(Clone, Debug)]
pub(super) struct Routes {
    pub(super) callback: String,
    pub(super) login: String,
    pub(super) logout: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Callback,
    Login,
    Logout,
}

impl Routes {
    pub(super) fn new() -> Self {
        todo!()
    }

    pub(super) fn set_prefix(&mut self, prefix: &str) -> Result<(), ConfigError> {
        todo!()
    }

    pub(super) fn set_callback(&mut self, path: &str) -> Result<(), ConfigError> {
        todo!()
    }

    pub(super) fn of(&self, uri: &Uri) -> Option<Route> {
        todo!()
    }
}

use crate::error::ConfigError;
use crate::path::RequestPath;

pub(super) const DEFAULT_PREFIX: &str = "/oauth2";

/// The paths that the layer answers itself, each in canonical spelling.
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
    /// The routes under `prefix`, and the callback there or at its own path.
    pub(super) fn new(prefix: &str, callback: Option<&str>) -> Result<Self, ConfigError> {
        require_path("route prefix", prefix)?;
        let under_prefix = |name| format!("{prefix}/{name}");
        let routes = Self {
            callback: callback.map_or_else(|| under_prefix("callback"), str::to_owned),
            login: under_prefix("login"),
            logout: under_prefix("logout"),
        };
        require_path("callback path", &routes.callback)?;
        if routes.callback == routes.login || routes.callback == routes.logout {
            let problem = format!("{} is already another route", routes.callback);
            return Err(ConfigError::new("callback path", problem));
        }
        Ok(routes)
    }

    pub(super) fn of(&self, path: &str) -> Option<Route> {
        if path == self.callback {
            Some(Route::Callback)
        } else if path == self.login {
            Some(Route::Login)
        } else if path == self.logout {
            Some(Route::Logout)
        } else {
            None
        }
    }
}

/// Paths are compared byte by byte, so they must be spelled like the canonical path of a request.
fn require_path(setting: &'static str, path: &str) -> Result<(), ConfigError> {
    let is_canonical = RequestPath::parse(path).is_ok_and(|path| path.was_canonical());
    if is_canonical && !path.ends_with('/') {
        Ok(())
    } else {
        let problem = format!("{path:?} must be a canonical path without a trailing slash");
        Err(ConfigError::new(setting, problem))
    }
}

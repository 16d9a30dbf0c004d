use std::sync::Arc;

use bytes::Bytes;
use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, Uri};

use super::answer::{Failure, keep_private};
use super::callback;
use super::config::Config;
use super::login::Start;
use super::logout::answer_logout;
use super::return_path::ReturnPath;
use crate::error::ConfigError;
use crate::gate::Verdict;
use crate::path::RequestPath;
use crate::response::short_text;

pub(super) const DEFAULT_PREFIX: &str = "/oauth2";

/// The paths that a sign-in answers for itself, each in its canonical spelling.
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
    /// The routes under `prefix`, but for the callback where that has a path of its own.
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
            let problem = format!("{} is another route already", routes.callback);
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

/// A path that is compared byte by byte has to be spelled as every request's is by then.
fn require_path(setting: &'static str, path: &str) -> Result<(), ConfigError> {
    let is_canonical = RequestPath::parse(path).is_ok_and(|path| path.was_canonical());
    if is_canonical && !path.ends_with('/') {
        Ok(())
    } else {
        let problem = format!("{path:?} is not a canonical path without a slash at its end");
        Err(ConfigError::new(setting, problem))
    }
}

/// Answers a request for one of the routes.
pub(super) async fn answer(config: Arc<Config>, route: Route, head: Parts) -> Verdict {
    let mut response = match route {
        Route::Logout => return answer_logout(config, head).await,
        _ if head.method != Method::GET => Box::new(method_not_allowed()),
        Route::Callback => Box::new(callback::answer(&config, &head).await),
        Route::Login => Box::new(answer_login(&config, &head).await),
    };
    keep_private(response.headers_mut());
    Verdict::Answer(response)
}

fn method_not_allowed() -> Response<Bytes> {
    let mut response = short_text(StatusCode::METHOD_NOT_ALLOWED, "");
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("GET"));
    response
}

async fn answer_login(config: &Config, head: &Parts) -> Response<Bytes> {
    let start = match return_to(config, &head.uri) {
        Ok(return_to) => Start::new(config, head, return_to),
        Err(failure) => Err(failure),
    };
    match start {
        Ok(start) => start.answer(config).await,
        Err(failure) => failure.response(&config.pages),
    }
}

/// Where somebody who asks to sign in wants to go: to the beginning of the site where nobody says, or
/// where nobody may be sent to.
fn return_to(config: &Config, uri: &Uri) -> Result<ReturnPath, Failure> {
    let query = uri.query().unwrap_or_default();
    let parameters = form_urlencoded::parse(query.as_bytes());
    let mut targets = parameters.filter(|(name, _)| name == "return_to");
    let target = targets.next();
    if targets.next().is_some() {
        return Err(Failure::malformed("return_to is given twice"));
    }
    let path = target.and_then(|(_, target)| ReturnPath::parse(&target));
    Ok(config.unless_own_route(path.unwrap_or_default()))
}

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, Uri};

use super::answer::{Failure, keep_private};
use super::callback;
use super::config::Config;
use super::login::Start;
use super::logout::answer_logout;
use super::return_path::ReturnPath;
use super::routes::Route;
use crate::gate::Verdict;
use crate::response::method_not_allowed;

/// Answers a request for one of the routes.
pub(super) async fn answer(config: Arc<Config>, route: Route, head: Parts) -> Verdict {
    let mut response = match route {
        Route::Logout => return answer_logout(config, head).await,
        _ if head.method != Method::GET => Box::new(method_not_allowed("GET")),
        Route::Callback => Box::new(callback::answer(&config, &head).await),
        Route::Login => Box::new(answer_login(&config, &head).await),
    };
    keep_private(response.headers_mut());
    Verdict::Answer(response)
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

/// Where an explicit sign-in returns to: `/` if the parameter is missing or not a safe path.
fn return_to(config: &Config, uri: &Uri) -> Result<ReturnPath, Failure> {
    let query = uri.query().unwrap_or_default();
    let parameters = form_urlencoded::parse(query.as_bytes());
    let mut targets = parameters.filter(|(name, _)| name == "return_to");
    let target = targets.next();
    if targets.next().is_some() {
        return Err(Failure::malformed("return_to occurs twice"));
    }
    let path = target.and_then(|(_, target)| ReturnPath::parse(&target));
    Ok(config.unless_own_route(path.unwrap_or_default()))
}

use std::sync::Arc;

use http::request::Parts;

use super::config::Config;
use crate::gate::Verdict;

/// Answers the route of signing out: GET shows a page with a button, POST signs out.
pub(super) async fn answer_logout(config: Arc<Config>, head: Parts) -> Verdict {
    todo!()
}

use bytes::Bytes;
use http::{Response, StatusCode};

use super::readiness::Verdict;
use crate::response::short_text;

pub(super) fn answer(verdict: Verdict) -> Response<Bytes> {
    match verdict {
        Ok(()) => short_text(StatusCode::OK, ""),
        Err(error) => {
            let mut response = short_text(StatusCode::SERVICE_UNAVAILABLE, "");
            response.extensions_mut().insert(error);
            response
        }
    }
}

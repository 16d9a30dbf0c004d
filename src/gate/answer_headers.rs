use http::HeaderMap;
use http::header::{CACHE_CONTROL, SET_COOKIE};

use crate::cache_control::private;

/// What an admission does to the headers of the inner service's answer.
#[derive(Debug, Default)]
pub(super) struct AnswerHeaders {
    pub(super) headers: HeaderMap,
    pub(super) is_private: bool,
}

impl AnswerHeaders {
    pub(super) fn apply(self, answer: &mut HeaderMap) {
        let mut current = None;
        for (name, value) in self.headers {
            // `HeaderMap` names a header once and then gives its further values without a name.
            let is_further_value = name.is_none();
            current = name.or(current);
            let Some(name) = &current else { continue };
            if is_further_value || name == SET_COOKIE {
                answer.append(name, value);
            } else {
                answer.insert(name, value);
            }
        }
        if self.is_private {
            let value = private(answer.get_all(CACHE_CONTROL).iter());
            answer.insert(CACHE_CONTROL, value);
        }
    }
}

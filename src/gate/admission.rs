use http::HeaderMap;
use http::header::{CACHE_CONTROL, SET_COOKIE};

use super::identity::Identity;
use crate::cache_control::private;

/// Who is admitted, and which headers the response gets.
#[derive(Debug)]
pub struct Admission {
    pub(super) who: Who,
    pub(super) answer: AnswerHeaders,
}

#[derive(Debug)]
pub(super) enum Who {
    Known(Identity),
    Anonymous,
    /// The identity in the request's extensions, if any.
    AsBefore,
}

impl Admission {
    /// Admits `identity`, which inner parts find in the request's extensions.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self::of(Who::Known(identity))
    }

    /// Admits a request without a credential. No [`Identity`] is put into the extensions, and that of a
    /// gate further out stays there.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::of(Who::Anonymous)
    }

    pub(super) fn as_before() -> Self {
        Self::of(Who::AsBefore)
    }

    pub(super) fn is_anonymous(&self) -> bool {
        matches!(self.who, Who::Anonymous)
    }

    #[cfg(any(feature = "basic-auth", feature = "jwt", feature = "token"))]
    pub(super) fn identity(&self) -> Option<&Identity> {
        match &self.who {
            Who::Known(identity) => Some(identity),
            Who::Anonymous | Who::AsBefore => None,
        }
    }

    /// Marks the identity as one from a cookie.
    #[cfg(any(feature = "jwt", feature = "token"))]
    pub(super) fn by_cookie(self) -> Self {
        match self.who {
            Who::Known(identity) => Self {
                who: Who::Known(identity.by_cookie()),
                ..self
            },
            Who::Anonymous | Who::AsBefore => self,
        }
    }

    fn of(who: Who) -> Self {
        Self {
            who,
            answer: AnswerHeaders::default(),
        }
    }

    /// Adds headers to the inner service's response: a `Set-Cookie` joins those already there, any other
    /// header replaces those of its name.
    ///
    /// If the gate refuses the request after all, since a cookie authorises no cross-site request, its
    /// response has the `Set-Cookie` lines alone.
    #[must_use]
    pub fn with_response_headers(mut self, headers: HeaderMap) -> Self {
        self.answer.headers = headers;
        self
    }

    /// Keeps shared caches from storing the inner service's response: its `Cache-Control` loses the
    /// directives that allow it and gains `private`, unless it has `no-store`. Without a word about how long it
    /// is fresh, it gains `no-cache` too.
    ///
    /// Needed for a credential outside of the `Authorization` field, since caches look at that field alone
    /// (RFC 9111 section 3.5).
    #[must_use]
    pub fn with_private_answer(mut self) -> Self {
        self.answer.is_private = true;
        self
    }
}

/// The changes that an admission makes to the headers of the inner service's response.
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
            let value = private(answer);
            answer.insert(CACHE_CONTROL, value);
        }
    }
}

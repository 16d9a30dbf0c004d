use std::future::Future;

use bytes::Bytes;
use http::{HeaderMap, Response};

use super::answer_headers::AnswerHeaders;
use super::identity::Identity;
use super::refusal::Refusal;

/// What a method has to say about a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decision {
    /// The request carries no credential of this method's kind.
    Absent,
    /// Decided at once.
    Now(Verdict),
    /// There is a credential, and finding out what it is worth takes time.
    ///
    /// The verdict is final, but for a [`Refusal::missing`], which counts as [`Absent`](Self::Absent):
    /// a session cookie whose session is gone, say.
    Later(VerdictFuture),
}

impl Decision {
    /// Admits at once.
    #[must_use]
    pub fn admit(identity: Identity) -> Self {
        Self::Now(Verdict::Admit(Admission::new(identity)))
    }

    /// Refuses at once.
    #[must_use]
    pub fn refuse(refusal: Refusal) -> Self {
        Self::Now(Verdict::Refuse(refusal))
    }

    /// Decides by a future, which owns what it needs of the request.
    #[must_use]
    pub fn later(verdict: impl Future<Output = Verdict> + Send + 'static) -> Self {
        Self::Later(VerdictFuture::new(verdict))
    }
}

/// How a request is to be answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// The request goes on to the inner service.
    Admit(Admission),
    /// The request is answered with a refusal.
    Refuse(Refusal),
    /// The request was for a route of the method's own, and this is its answer.
    Answer(Box<Response<Bytes>>),
}

boxed_future! {
    /// A [`Verdict`] to come.
    pub struct VerdictFuture: 'static -> Verdict;
    pub fn new;
}

/// Who is let in, and what the answer is to carry for the client.
#[derive(Debug)]
pub struct Admission {
    pub(super) who: Who,
    pub(super) answer: AnswerHeaders,
}

#[derive(Debug)]
pub(super) enum Who {
    Known(Identity),
    Anonymous,
    /// Whoever the request's extensions say already.
    AsBefore,
}

impl Admission {
    /// Lets in `identity`, which inner parts find in the request's extensions.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self::of(Who::Known(identity))
    }

    /// Lets in somebody who showed nothing. It puts no [`Identity`] into the extensions, and leaves
    /// there whom a gate further out has admitted.
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

    #[cfg(any(feature = "jwt", feature = "token"))]
    pub(super) fn identity(&self) -> Option<&Identity> {
        match &self.who {
            Who::Known(identity) => Some(identity),
            Who::Anonymous | Who::AsBefore => None,
        }
    }

    /// Says that whoever is let in came by a cookie.
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

    /// Headers for the inner service's answer: `Set-Cookie` is added to those that are there, any
    /// other header replaces its namesake.
    ///
    /// A gate that refuses the request all the same, since it came by cookie from another site, answers
    /// with the `Set-Cookie` lines alone.
    #[must_use]
    pub fn with_response_headers(mut self, headers: HeaderMap) -> Self {
        self.answer.headers = headers;
        self
    }

    /// Keeps shared caches from storing the inner service's answer: its `Cache-Control` loses what
    /// allows that and gains `private`, unless it says `no-store`.
    ///
    /// For a credential outside of the `Authorization` field, which is all that caches look at by
    /// themselves (RFC 9111 section 3.5).
    #[must_use]
    pub fn with_private_answer(mut self) -> Self {
        self.answer.is_private = true;
        self
    }
}

use std::future::Future;

use bytes::Bytes;
use http::Response;

use super::admission::Admission;
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

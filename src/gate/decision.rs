use std::future::Future;

use bytes::Bytes;
use http::Response;

use super::admission::Admission;
use super::identity::Identity;
use super::refusal::Refusal;

/// The decision of a method about a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decision {
    /// The request carries no credential of this method's kind.
    Absent,
    /// The method has decided.
    Now(Verdict),
    /// There is a credential, and judging it takes time.
    ///
    /// The verdict is final, except that a [`Refusal::missing`] counts as [`Absent`](Self::Absent): a
    /// session cookie whose session is gone, for example.
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

    /// Decides by a future, which must own the parts of the request that it needs.
    #[must_use]
    pub fn later(verdict: impl Future<Output = Verdict> + Send + 'static) -> Self {
        Self::Later(VerdictFuture::new(verdict))
    }
}

/// The outcome for a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// The request goes on to the inner service.
    Admit(Admission),
    /// The request is answered with a refusal.
    Refuse(Refusal),
    /// The request was for a route of the method, and this is the response.
    Answer(Box<Response<Bytes>>),
}

boxed_future! {
    /// The future of a [`Verdict`].
    pub struct VerdictFuture: 'static -> Verdict;
    pub fn new;
}

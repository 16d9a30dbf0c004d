use http::request::Parts;
use portcullis::gate::{Admission, Authenticator, Decision, Refusal, Verdict};

/// The method of a bucket without a gate: it admits whoever asks, as nobody in particular.
#[derive(Clone, Debug)]
pub(super) struct InsecureEveryone;

impl Authenticator for InsecureEveryone {
    fn authenticate(&self, _head: &Parts) -> Decision {
        Decision::Now(Verdict::Admit(Admission::anonymous()))
    }

    // It refuses nobody, and reads no credential.
    fn challenge(&self, _head: &Parts, _refusal: &mut Refusal) {}

    fn strip(&self, _head: &mut Parts) {}
}

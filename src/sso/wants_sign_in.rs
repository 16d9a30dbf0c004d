use http::request::Parts;

/// Whether a request without a session is answered by a redirect to the provider. `alone`: no other
/// method could have admitted it.
pub(super) fn wants_sign_in(head: &Parts, alone: bool) -> bool {
    let _ = (head, alone);
    todo!()
}

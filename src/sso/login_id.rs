use crate::hex::hex;
use crate::session::random;

/// The random id of a sign-in.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct LoginId([u8; 16]);

impl LoginId {
    pub(super) fn new() -> Self {
        Self(random())
    }

    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key of its marker in a session store.
    pub(super) fn store_key(&self) -> String {
        format!("login/{}", hex(&self.0))
    }
}

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header with the request id, optional in a request and present in each answer.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is accepted from a client.
const MAX_LENGTH: usize = 64;

/// Makes request ids of a number for this process and one for the request.
pub(crate) struct RequestIds {
    process: String,
    next: AtomicU64,
}

impl RequestIds {
    /// `process` distinguishes this process from all others, so it should be random.
    pub(crate) fn new(process: [u8; 8]) -> Self {
        let process = process.iter().fold(String::new(), |mut text, byte| {
            // Writing into a `String` does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self {
            process,
            next: AtomicU64::new(1),
        }
    }

    /// The id that the client sent, if it needs no escape in a line, or else a new one.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let mut given = headers.get_all(X_REQUEST_ID).iter();
        match (given.next(), given.next()) {
            (Some(id), None) if is_plain(id.as_bytes()) => id.clone(),
            _ => {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                let id = format!("{}-{number:x}", self.process);
                HeaderValue::try_from(id).expect("it is made of letters, digits and a dash")
            }
        }
    }
}

fn is_plain(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_kept_and_others_replaced() {
        let ids = RequestIds::new([0, 1, 2, 3, 4, 5, 0xAB, 0xFF]);
        let long = "x".repeat(MAX_LENGTH);
        let longer = "x".repeat(MAX_LENGTH + 1);
        for (name, given, expected) in [
            ("none", &[][..], "000102030405abff-1"),
            ("plain", &["A-1_b.9"], "A-1_b.9"),
            ("as long as it may be", &[&*long], &long),
            ("too long", &[&longer], "000102030405abff-2"),
            ("empty", &[""], "000102030405abff-3"),
            ("a space", &["a b"], "000102030405abff-4"),
            ("a quote", &["a\"b"], "000102030405abff-5"),
            ("two", &["a", "b"], "000102030405abff-6"),
        ] {
            let mut headers = HeaderMap::new();
            for id in given {
                headers.append(X_REQUEST_ID, HeaderValue::from_str(id).unwrap());
            }
            assert_eq!(ids.of(&headers), expected, "{name}");
        }
    }
}

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A password, key or token: never printed, compared in constant time, wiped when dropped.
///
/// It has no `Display` and no `PartialEq`; [`Secret::matches`] is the only comparison.
///
/// ```
/// use portcullis::Secret;
///
/// let secret = Secret::new("open sesame");
/// assert!(secret.matches(b"open sesame"));
/// assert!(!secret.matches(b"open barley"));
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[derive(Clone)]
pub struct Secret {
    /// The value, filled up with zeros to a power of two.
    padded: Zeroizing<Box<[u8]>>,
    len: usize,
}

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        let value = Zeroizing::new(value.into());
        let mut padded = vec![0; value.len().next_power_of_two()];
        padded[..value.len()].copy_from_slice(value.as_bytes());
        Self {
            padded: Zeroizing::new(padded.into_boxed_slice()),
            len: value.len(),
        }
    }

    /// Whether `presented` is this secret.
    ///
    /// The time depends only on the length of `presented`, which its sender knows: neither the secret's
    /// length nor the place of the first difference can be measured.
    #[must_use]
    pub fn matches(&self, presented: &[u8]) -> bool {
        #[cfg(test)]
        COMPARISONS.with(|count| count.set(count.get() + 1));
        // A power of two, so that the index wraps by a mask: the time of a remainder depends on the
        // divisor, which would be the length.
        let mask = self.padded.len() - 1;
        let same_length = presented.len().ct_eq(&self.len);
        let difference = presented
            .iter()
            .enumerate()
            .fold(0, |difference, (i, byte)| {
                difference | byte ^ self.padded[i & mask]
            });
        (same_length & difference.ct_eq(&0)).into()
    }

    /// The value in the clear, for the code that sends it or derives from it.
    #[must_use]
    pub fn expose(&self) -> &str {
        // The bytes came from a `String`, so the fallback is never taken.
        std::str::from_utf8(&self.padded[..self.len]).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
thread_local! {
    static COMPARISONS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The number of secrets that this thread has compared, for tests of the cost of a refusal.
#[cfg(all(test, feature = "basic-auth"))]
pub(crate) fn comparisons() -> usize {
    COMPARISONS.with(std::cell::Cell::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_match() {
        for (secret, presented, same) in [
            ("s3cret", "s3cret", true),
            ("s3cret", "s3creT", false),
            ("s3cret", "s3cre", false),
            ("s3cret", "s3crets", false),
            ("s3cret", "", false),
            // The padding and the wrap-around are not part of the secret.
            ("s3cret", "s3cret\0\0", false),
            ("s3cret\0\0", "s3cret\0\0", true),
            ("abcd", "abcdabcd", false),
            ("", "", true),
            ("", "x", false),
            ("", "\0", false),
        ] {
            assert_eq!(
                Secret::new(secret).matches(presented.as_bytes()),
                same,
                "{secret:?} against {presented:?}"
            );
        }
    }

    #[test]
    fn a_secret_exposes_its_value_and_prints_nothing() {
        let secret = Secret::new("pässword");
        assert_eq!(secret.expose(), "pässword");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(Secret::new("").expose(), "");
    }
}

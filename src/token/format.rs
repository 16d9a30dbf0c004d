use zeroize::Zeroizing;

use crate::error::ConfigError;
use crate::secret::Secret;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many random characters of the alphabet are 178 bits.
const RANDOM: usize = 30;

/// The fewest characters that hold a CRC-32.
const CHECKSUM: usize = 6;

const MAX_PREFIX: usize = 16;

/// What a token looks like: a prefix, `-`, 30 random characters, and six that check all before them.
///
/// The prefix tells scanners for leaked secrets, and people, whose token it is. The random
/// characters are letters and digits, each as likely as the others, which makes 178 bits. The
/// checksum is the CRC-32 of all before it as a number in base 62 (digits, capitals, small letters),
/// so that what was cut short or mistyped is told from a token without a look-up. Nothing but
/// letters, digits and `-` stands in a token, since conda takes no more in a URL.
///
/// ```
/// use portcullis::token::TokenFormat;
///
/// let format = TokenFormat::new("acme")?;
/// let token = format.generate();
/// assert!(token.expose().starts_with("acme-"));
/// assert!(format.recognise(token.expose()));
/// assert!(!TokenFormat::default().recognise(token.expose()));
/// assert!(!format.recognise("acme-0123456789ABCDEFGHIJKLMNOPQRST000000"));
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFormat {
    prefix: Box<str>,
}

impl TokenFormat {
    /// Tokens with this prefix.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what is not 2 to 16 lower-case letters and digits, a letter first.
    pub fn new(prefix: &str) -> Result<Self, ConfigError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if (2..=MAX_PREFIX).contains(&prefix.len())
            && prefix.bytes().all(plain)
            && prefix.as_bytes()[0].is_ascii_lowercase()
        {
            let prefix = prefix.into();
            return Ok(Self { prefix });
        }
        let problem = format!(
            "{prefix:?} is not 2 to {MAX_PREFIX} lower-case letters and digits, a letter first"
        );
        Err(ConfigError::new("token prefix", problem))
    }

    /// What the tokens begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A new token, of random numbers of the system.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    #[must_use]
    pub fn generate(&self) -> Secret {
        self.generate_from(|bytes| getrandom::fill(bytes).expect("the system has random numbers"))
    }

    /// A new token, of the bytes that `fill` writes, which must not be told from random ones.
    #[must_use]
    pub fn generate_from(&self, mut fill: impl FnMut(&mut [u8])) -> Secret {
        let length = self.prefix.len() + 1 + RANDOM;
        let mut token = String::with_capacity(length + CHECKSUM);
        token.push_str(&self.prefix);
        token.push('-');
        let mut bytes = Zeroizing::new([0; 2 * RANDOM]);
        while token.len() < length {
            fill(&mut *bytes);
            let missing = length - token.len();
            token.extend(bytes.iter().filter_map(|&byte| letter(byte)).take(missing));
        }
        token.extend(checksum(token.as_bytes()).map(char::from));
        Secret::new(token)
    }

    /// Whether this looks like a token: prefix, length, alphabet and checksum are right.
    #[must_use]
    pub fn recognise(&self, token: &str) -> bool {
        let rest = token.strip_prefix(&*self.prefix);
        let Some(rest) = rest.and_then(|rest| rest.strip_prefix('-')) else {
            return false;
        };
        if rest.len() != RANDOM + CHECKSUM || !rest.bytes().all(|it| it.is_ascii_alphanumeric()) {
            return false;
        }
        let (checked, check) = token.as_bytes().split_at(token.len() - CHECKSUM);
        check == checksum(checked)
    }
}

impl Default for TokenFormat {
    /// The prefix is `pcl`.
    fn default() -> Self {
        Self {
            prefix: "pcl".into(),
        }
    }
}

/// A character for a random byte. `None` for those at the end that would make the first few
/// characters likelier than the others.
fn letter(byte: u8) -> Option<char> {
    let whole = u8::MAX - u8::MAX % 62;
    (byte < whole).then(|| char::from(ALPHABET[usize::from(byte % 62)]))
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = crc32fast::hash(text);
    let mut digits = [0; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_likelier_than_another() {
        let made: Vec<char> = (0..=u8::MAX).filter_map(letter).collect();
        assert_eq!(made.len(), 4 * ALPHABET.len());
        for &character in ALPHABET {
            let count = made
                .iter()
                .filter(|it| **it == char::from(character))
                .count();
            assert_eq!(count, 4, "{}", char::from(character));
        }
    }
}

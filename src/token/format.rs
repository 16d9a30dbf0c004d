use zeroize::Zeroizing;

use crate::error::ConfigError;
use crate::secret::Secret;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number of random characters, which have 178 bits.
const RANDOM: usize = 30;

/// The number of characters that a CRC-32 needs.
const CHECKSUM: usize = 6;

const MAX_PREFIX: usize = 16;

/// The format of tokens: a prefix, `-`, 30 random characters, and a checksum of six characters.
///
/// The prefix lets people and scanners for leaked secrets recognise the token. The random characters are
/// letters and digits, all equally likely, which makes 178 bits. The checksum is the CRC-32 of the
/// characters before it, as a number in base 62 (digits, capitals, small letters), so that a mistyped or
/// truncated token is recognised without a look-up. A token has only letters, digits and `-`, since conda
/// accepts no other characters in a URL.
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
    /// Returns [`ConfigError`] if the prefix is not 2 to 16 lower-case letters and digits, a letter first.
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

    /// The prefix of the tokens.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Generates a token from the system's random numbers.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    #[must_use]
    pub fn generate(&self) -> Secret {
        self.generate_from(|bytes| getrandom::fill(bytes).expect("the system has random numbers"))
    }

    /// Generates a token from the bytes that `fill` writes, which must be cryptographically random.
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

    /// Whether prefix, length, alphabet and checksum are those of a token.
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

/// The character for a random byte. `None` for the highest bytes, which would make the first few
/// characters more likely than the others.
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
    fn every_character_is_equally_likely() {
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

/// The longest token that is looked at, in bytes.
const MAX_LEN: usize = 16 * 1024;

/// The parts of a signed token, each still in base64url.
#[derive(Debug)]
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// The first two with the dot between, which the signature is made over.
    pub(super) signing_input: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token in compact form (RFC 7515 section 7.1): three parts that are not empty, of
    /// base64url characters. `None` for what has another form.
    pub(super) fn parse(token: &'a str) -> Result<Option<Self>, &'static str> {
        // Each in one go and without a way out, so that many bytes are looked at at once.
        let dots = token.bytes().filter(|&byte| byte == b'.').count();
        if !token.bytes().fold(true, |all, byte| all & is_ours(byte)) {
            return Ok(None);
        }
        match (dots, Self::split(token)) {
            (2, Some(_)) if token.len() > MAX_LEN => Err("the token is too long"),
            (2, compact) => Ok(compact),
            // Some of these parts may be empty (RFC 7516 section 7.1).
            (4, _) => Err("the token is encrypted"),
            _ => Ok(None),
        }
    }

    /// The parts around the first and the last dot, unless one is empty.
    fn split(token: &'a str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let compact = Self {
            header,
            payload,
            signature,
            signing_input,
        };
        let is_whole = ![header, payload, signature].contains(&"");
        is_whole.then_some(compact)
    }
}

/// Whether it is a base64url character or a dot.
fn is_ours(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_')
}

/// The longest token that is looked at, in bytes.
const MAX_LEN: usize = 16 * 1024;

/// What a token is by its form, before anything is decoded.
#[derive(Debug)]
pub(super) enum Form<'a> {
    /// Three parts that are not empty, of base64url characters: a signed token in compact form (RFC
    /// 7515 section 7.1).
    Signed(Compact<'a>),
    /// Five such parts, of which some may be empty: an encrypted one (RFC 7516 section 7.1).
    Encrypted,
    /// As either, and longer than 16 KiB.
    TooLong,
    /// Something else.
    Foreign,
}

/// The parts of a signed token, each still in base64url.
#[derive(Debug)]
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// The first two with the dot between, which the signature is made over.
    pub(super) signing_input: &'a str,
}

impl<'a> Form<'a> {
    pub(super) fn of(token: &'a str) -> Self {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let mut dots = 0;
        for byte in token.bytes() {
            match byte {
                b'.' => dots += 1,
                byte if is_base64url(byte) => {}
                _ => return Self::Foreign,
            }
        }
        match (dots, Compact::split(token)) {
            (4, _) | (2, Some(_)) if token.len() > MAX_LEN => Self::TooLong,
            (4, _) => Self::Encrypted,
            (2, Some(compact)) => Self::Signed(compact),
            _ => Self::Foreign,
        }
    }
}

impl<'a> Compact<'a> {
    /// The parts around the first and the last dot.
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

use blake2::Blake2b256;
use md5::Md5;
use sha2::{Digest, Sha256};

/// Computes the digests of an upload in one pass over its bytes.
///
/// ```
/// use portcullis::pypi::archive::Digester;
///
/// let mut digester = Digester::new();
/// digester.update(b"a wheel, ");
/// digester.update(b"in parts");
/// let digests = digester.finish();
/// assert_eq!(digests.length(), 17);
/// assert_eq!(digests.sha256()[..2], [0x1e, 0x0c]);
/// assert_eq!(digests.md5(), None);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Digester {
    md5: Option<Md5>,
    sha256: Sha256,
    blake2_256: Blake2b256,
    length: u64,
}

/// The digests of an upload: those that a client may send along, and SHA-256 for the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    md5: Option<[u8; 16]>,
    sha256: [u8; 32],
    blake2_256: [u8; 32],
    length: u64,
}

impl Default for Digester {
    fn default() -> Self {
        Self::new()
    }
}

impl Digester {
    /// Computes SHA-256 and `BLAKE2b-256`.
    pub fn new() -> Self {
        Self {
            md5: None,
            sha256: Sha256::new(),
            blake2_256: Blake2b256::new(),
            length: 0,
        }
    }

    /// Computes MD5 as well, for a client that sends no better digest.
    pub fn with_md5(mut self) -> Self {
        self.md5 = Some(Md5::new());
        self
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.sha256.update(bytes);
        self.blake2_256.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Ends the bytes.
    #[must_use]
    pub fn finish(self) -> Digests {
        Digests {
            md5: self.md5.map(|it| it.finalize().into()),
            sha256: self.sha256.finalize().into(),
            blake2_256: self.blake2_256.finalize().into(),
            length: self.length,
        }
    }
}

impl Digests {
    /// The MD5 digest, if it was asked for. It proves nothing: anyone can make two files that share it.
    #[must_use]
    pub fn md5(&self) -> Option<&[u8; 16]> {
        self.md5.as_ref()
    }

    /// The SHA-256 digest.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// The `BLAKE2b` digest of 256 bits, which clients send as `blake2_256_digest`.
    #[must_use]
    pub fn blake2_256(&self) -> &[u8; 32] {
        &self.blake2_256
    }

    /// The number of bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }
}

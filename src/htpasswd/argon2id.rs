use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;

use super::error::Fault;
use super::sha_crypt::decimal;

/// In KiB: 256 MiB, which each thread needs during a check.
const MAX_MEMORY: u32 = 256 * 1024;

/// In KiB, over all passes: 1 GiB, about 1 s on a machine of 2024.
const MAX_WORK: u64 = 1024 * 1024;

/// argon2id in its PHC string: `$argon2id$v=19$m=65536,t=3,p=4$salt$digest` (RFC 9106).
#[derive(Clone)]
pub(super) struct Argon2id {
    pub(super) memory: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    pub(super) salt: Box<[u8]>,
    digest: Box<[u8]>,
}

impl Argon2id {
    pub(super) fn parse(after_magic: &str) -> Result<Self, Fault> {
        let hash =
            Self::split(after_magic).ok_or(Fault::malformed("the argon2id hash is malformed"))?;
        let work = u64::from(hash.memory) * u64::from(hash.passes);
        if hash.memory > MAX_MEMORY || work > MAX_WORK || hash.params().is_err() {
            return Err(Fault::cost(
                "the argon2id hash needs more than 256 MiB, or 1 GiB over all passes, or less than \
                 8 KiB a lane",
            ));
        }
        Ok(hash)
    }

    fn split(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix("v=19$")?.split('$');
        let (params, salt, digest) = (fields.next()?, fields.next()?, fields.next()?);
        let mut params = params.split(',');
        let mut param = |name| decimal(params.next()?.strip_prefix(name)?);
        let hash = Self {
            memory: param("m=")?,
            passes: param("t=")?,
            lanes: param("p=")?,
            salt: STANDARD_NO_PAD.decode(salt).ok()?.into(),
            digest: STANDARD_NO_PAD.decode(digest).ok()?.into(),
        };
        let sizes = (8..=64).contains(&hash.salt.len()) && (16..=64).contains(&hash.digest.len());
        let whole = params.next().is_none() && fields.next().is_none();
        (sizes && whole).then_some(hash)
    }

    fn params(&self) -> argon2::Result<Params> {
        Params::new(
            self.memory,
            self.passes,
            self.lanes,
            Some(self.digest.len()),
        )
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let mut digest = vec![0; self.digest.len()];
        // Only the memory can be missing. The thread survives the panic, and the request gets 503: a
        // correct password must not be refused as wrong.
        let params = self.params().expect("the parameters have been checked");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password, &self.salt, &mut digest)
            .expect("there is no memory for argon2id");
        digest.ct_eq(&self.digest).into()
    }
}

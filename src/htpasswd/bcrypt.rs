use base64::Engine as _;
use base64::alphabet::BCRYPT;
use base64::engine::{GeneralPurpose, general_purpose::NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::Fault;

const BASE64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);

/// About 5 s on a machine of 2024. Apache's tool allows 17.
const MAX_COST: u32 = 16;

/// The number of bytes that bcrypt reads. A longer password is refused, not truncated.
const LONGEST: usize = 72;

/// bcrypt: `$2y$cost$` and 22 characters of salt and 31 of digest. `$2b$` and `$2a$` are the same
/// function for passwords of up to 255 bytes, which is as long as a password may be here.
#[derive(Clone)]
pub(super) struct Bcrypt {
    pub(super) cost: u32,
    salt: [u8; 16],
    digest: [u8; 23],
}

impl Bcrypt {
    /// A hash that no password has, for a table without users.
    pub(super) fn nobodys() -> Self {
        Self {
            cost: 10,
            salt: [0; 16],
            digest: [0; 23],
        }
    }

    pub(super) fn parse(after_magic: &str) -> Result<Self, Fault> {
        let hash =
            Self::split(after_magic).ok_or(Fault::malformed("the bcrypt hash is malformed"))?;
        if (4..=MAX_COST).contains(&hash.cost) {
            Ok(hash)
        } else {
            Err(Fault::cost(
                "the cost of the bcrypt hash is below 4 or above 16",
            ))
        }
    }

    fn split(text: &str) -> Option<Self> {
        let (cost, text) = text.split_once('$')?;
        let two_digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
        let (salt, digest) = text.split_at_checked(22)?;
        Some(Self {
            cost: two_digits.then(|| cost.parse().ok())??,
            salt: decode(salt)?,
            digest: decode(digest)?,
        })
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        // A password that is too long takes the same work: its time must not reveal whether the user has
        // a bcrypt hash.
        let length = password.len().min(LONGEST);
        let mut key = Zeroizing::new([0; LONGEST]);
        key[..length].copy_from_slice(&password[..length]);
        // The zero at the end is part of the key, if there is room for it.
        let key = &key[..(length + 1).min(LONGEST)];
        let digest = bcrypt::bcrypt(self.cost, self.salt, key);
        let same: bool = digest[..23].ct_eq(&self.digest).into();
        same && password.len() <= LONGEST
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

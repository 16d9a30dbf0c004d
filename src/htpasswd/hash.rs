use super::apr1::Apr1;
use super::argon2id::Argon2id;
use super::bcrypt::Bcrypt;
use super::error::{Fault, HtpasswdErrorKind as Kind};
use super::sha_crypt::ShaCrypt;
use super::sha1::SaltedSha1;
use crate::secret::Secret;

/// A decoded hash.
#[derive(Clone)]
pub(super) enum Hash {
    Bcrypt(Bcrypt),
    Argon2id(Argon2id),
    ShaCrypt(ShaCrypt),
    Apr1(Apr1),
    Sha1(SaltedSha1),
    Plain(Secret),
}

/// The parameters of a hash that its work depends on, apart from the length of its salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cost {
    Bcrypt {
        cost: u32,
    },
    Argon2id {
        memory: u32,
        passes: u32,
        lanes: u32,
    },
    ShaCrypt {
        sha512: bool,
        rounds: u32,
    },
    Apr1,
    Sha1,
    Plain,
}

/// What a hash takes for a password of some length. Hashes of equal work take equal time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Work {
    cost: Cost,
    /// The blocks that are hashed each time that the salt is: what depends on the salt's length. Two hashes
    /// of SHA-512 crypt whose salts differ by one byte can differ by half of their time.
    blocks: [usize; 2],
}

/// Schemes that occur in htpasswd files and are refused by name.
const UNSUPPORTED: [(&str, &str); 7] = [
    ("$1$", "MD5 crypt ($1$) is not supported"),
    (
        "$2x$",
        "bcrypt of a faulty implementation ($2x$) is not supported",
    ),
    ("$3$", "NTLM ($3$) is not supported"),
    ("$y$", "yescrypt ($y$) is not supported"),
    ("$argon2i$", "of argon2, argon2id alone is supported"),
    ("$argon2d$", "of argon2, argon2id alone is supported"),
    ("{CRYPT}", "{CRYPT} is not supported"),
];

impl Hash {
    pub(super) fn parse(text: &str, plain: bool) -> Result<Self, Fault> {
        let after = |magic| text.strip_prefix(magic);
        let bcrypt = after("$2y$").or(after("$2b$")).or(after("$2a$"));
        if let Some(rest) = bcrypt {
            Bcrypt::parse(rest).map(Self::Bcrypt)
        } else if let Some(rest) = after("$argon2id$") {
            Argon2id::parse(rest).map(Self::Argon2id)
        } else if let Some(rest) = after("$5$") {
            ShaCrypt::parse_sha256(rest).map(Self::ShaCrypt)
        } else if let Some(rest) = after("$6$") {
            ShaCrypt::parse_sha512(rest).map(Self::ShaCrypt)
        } else if let Some(rest) = after("$apr1$") {
            Apr1::parse(rest).map(Self::Apr1)
        } else if let Some(rest) = after("{SHA}") {
            SaltedSha1::parse_sha(rest).map(Self::Sha1)
        } else if let Some(rest) = after("{SSHA}") {
            SaltedSha1::parse_ssha(rest).map(Self::Sha1)
        } else if let Some(rest) = after("{S3PYPI}") {
            SaltedSha1::parse_s3pypi(rest).map(Self::Sha1)
        } else if let Some(rest) = after("{PLAIN}") {
            parse_plain(rest, plain).map(Self::Plain)
        } else {
            Err(unsupported(text))
        }
    }

    pub(super) fn cost(&self) -> Cost {
        match self {
            Self::Bcrypt(hash) => Cost::Bcrypt { cost: hash.cost },
            Self::Argon2id(hash) => Cost::Argon2id {
                memory: hash.memory,
                passes: hash.passes,
                lanes: hash.lanes,
            },
            Self::ShaCrypt(hash) => Cost::ShaCrypt {
                sha512: hash.is_sha512(),
                rounds: hash.rounds,
            },
            Self::Apr1(_) => Cost::Apr1,
            Self::Sha1(_) => Cost::Sha1,
            Self::Plain(_) => Cost::Plain,
        }
    }

    /// The length of the salt in bytes, if it can differ between hashes of one cost.
    pub(super) fn salt_length(&self) -> usize {
        match self {
            Self::Bcrypt(_) | Self::Plain(_) => 0,
            Self::Argon2id(hash) => hash.salt.len(),
            Self::ShaCrypt(hash) => hash.salt.len(),
            Self::Apr1(hash) => hash.salt.len(),
            Self::Sha1(hash) => hash.salt.len(),
        }
    }

    /// The work for a password of this many bytes.
    ///
    /// Of SHA crypt and apr1 it is that of their 1000 or more rounds. What they hash once depends on bytes
    /// of a digest too, and no clock tells it apart.
    pub(super) fn work(&self, password: usize) -> Work {
        let (cost, salt) = (self.cost(), self.salt_length());
        // In a round: the digest of the last one, the password once or twice, and the salt.
        let round = |digest, block| {
            let once = digest + password + salt;
            [padded(once, block), padded(once + password, block)]
        };
        let blocks = match cost {
            Cost::Bcrypt { .. } | Cost::Plain => [0; 2],
            // 40 bytes of parameters and lengths (RFC 9106 section 3.2), by BLAKE2b, which pads nothing.
            Cost::Argon2id { .. } => [(40 + password + salt).div_ceil(128), 0],
            Cost::ShaCrypt { sha512: true, .. } => round(64, 128),
            Cost::ShaCrypt { sha512: false, .. } => round(32, 64),
            Cost::Apr1 => round(16, 64),
            Cost::Sha1 => [padded(password + salt, 64), 0],
        };
        Work { cost, blocks }
    }

    /// Whether it was made of `password`, which is not empty. Digests are compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        #[cfg(test)]
        WORK.with_borrow_mut(|work| work.push(self.work(password.len())));
        match self {
            Self::Bcrypt(hash) => hash.matches(password),
            Self::Argon2id(hash) => hash.matches(password),
            Self::ShaCrypt(hash) => hash.matches(password),
            Self::Apr1(hash) => hash.matches(password),
            Self::Sha1(hash) => hash.matches(password),
            Self::Plain(secret) => secret.matches(password),
        }
    }
}

fn parse_plain(password: &str, allowed: bool) -> Result<Secret, Fault> {
    if !allowed {
        return Err(Fault::new(
            Kind::PlainPassword,
            "the password is in the clear",
        ));
    }
    if password.is_empty() {
        return Err(Fault::new(Kind::MissingHash, "the password is empty"));
    }
    Ok(Secret::new(password))
}

fn unsupported(text: &str) -> Fault {
    let known = UNSUPPORTED
        .iter()
        .find(|(magic, _)| text.starts_with(magic));
    let problem = known.map(|(_, problem)| *problem);
    let crypt = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/');
    let problem = if problem.is_some() {
        problem
    } else if text.len() == 13 && text.bytes().all(crypt) {
        Some("DES crypt is not supported")
    } else if text.starts_with(['$', '{', '_']) {
        Some("the scheme of the hash is not supported")
    } else {
        None
    };
    // Never accepted as a password in the clear, since a truncated hash would be one.
    problem.map_or(
        Fault::new(Kind::NotAHash, "what follows the user name is not a hash"),
        |problem| Fault::new(Kind::UnsupportedScheme, problem),
    )
}

/// The blocks of a message of MD5 or SHA with its padding: a byte, and the length in 8 or 16.
fn padded(message: usize, block: usize) -> usize {
    (message + 1 + block / 8).div_ceil(block)
}

#[cfg(test)]
thread_local! {
    static WORK: std::cell::RefCell<Vec<Work>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The hashes that this thread has computed since the last call, for tests of the cost of a refusal.
#[cfg(test)]
pub(super) fn work() -> Vec<Work> {
    WORK.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of 42 rounds, message by message, as the references of SHA crypt and apr1 have them.
    fn blocks_of_rounds(digest: usize, block: usize, password: usize, salt: usize) -> usize {
        let of_round = |round: usize| {
            let ends = digest + password;
            let salt = if round.is_multiple_of(3) { 0 } else { salt };
            let middle = if round.is_multiple_of(7) { 0 } else { password };
            let padding = block / 8;
            (ends + salt + middle + 1 + padding).div_ceil(block)
        };
        (0..42).map(of_round).sum()
    }

    #[test]
    fn hashes_of_equal_work_hash_as_many_blocks() {
        for (magic, digits, longest, digest, block) in [
            ("$5$", 43, 16, 32, 64),
            ("$6$", 86, 16, 64, 128),
            ("$apr1$", 22, 8, 16, 64),
        ] {
            let hash = |salt: usize| {
                let text = format!("{magic}{}${}", "s".repeat(salt), ".".repeat(digits));
                Hash::parse(&text, false).unwrap()
            };
            let hashes: Vec<_> = (1..=longest).map(|salt| (salt, hash(salt))).collect();
            let mut most = 0;
            for password in 1..=255 {
                let mut works: Vec<(Work, usize)> = Vec::new();
                for (salt, hash) in &hashes {
                    let blocks = blocks_of_rounds(digest, block, password, *salt);
                    let work = hash.work(password);
                    match works.iter().find(|(other, _)| *other == work) {
                        Some(other) => assert_eq!(other.1, blocks, "{magic}, {password}, {salt}"),
                        None => works.push((work, blocks)),
                    }
                }
                most = most.max(works.len());
            }
            assert!((2..=3).contains(&most), "{magic}: {most}");
        }
    }
}

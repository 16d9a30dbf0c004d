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

/// Hashes of one cost take the same work for the same password.
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

    /// Whether it was made of `password`, which is not empty. Digests are compared in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        #[cfg(test)]
        WORK.with_borrow_mut(|work| work.push(self.cost()));
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

#[cfg(test)]
thread_local! {
    static WORK: std::cell::RefCell<Vec<Cost>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// The hashes that this thread has computed since the last call, for tests of the cost of a refusal.
#[cfg(test)]
pub(super) fn work() -> Vec<Cost> {
    WORK.take()
}

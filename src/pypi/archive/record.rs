use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::error::{ArchiveError, ArchiveErrorKind, quoted};

/// What `RECORD` says of each member.
#[derive(Debug)]
pub(super) struct Record(HashMap<String, Described>);

/// What `RECORD` says of one member.
#[derive(Debug)]
pub(super) struct Described {
    hash: Option<(Algorithm, String)>,
    size: Option<u64>,
}

/// The algorithms of `RECORD` are SHA-256 or better: those that everybody has.
#[derive(Clone, Copy, Debug)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Record {
    /// Parses a `RECORD` file: CSV as Python's module writes it, with path, hash and size in each line.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let text = str::from_utf8(bytes).map_err(|_| mismatch("RECORD is not UTF-8"))?;
        let mut chars = text.chars().peekable();
        let mut members = HashMap::new();
        while chars.peek().is_some() {
            let fields = read_line(&mut chars)?;
            if fields == [""] {
                continue;
            }
            let [path, hash, size] = &fields[..] else {
                let problem = format!("RECORD has a line of {} fields, 3 are needed", fields.len());
                return Err(mismatch(problem));
            };
            let described = Described::parse(path, hash, size)?;
            if members.insert(path.clone(), described).is_some() {
                return Err(mismatch(format!("RECORD has {} twice", quoted(path))));
            }
        }
        Ok(Self(members))
    }

    /// Takes out what it says of a member.
    pub(super) fn take(&mut self, path: &str) -> Option<Described> {
        self.0.remove(path)
    }

    /// Ends with an error if a line is left whose member does not exist.
    pub(super) fn finish(self) -> Result<(), ArchiveError> {
        match self.0.into_keys().min() {
            None => Ok(()),
            Some(path) => {
                let problem = format!("RECORD has {}, which is not in the wheel", quoted(path));
                Err(mismatch(problem))
            }
        }
    }
}

impl Described {
    fn parse(path: &str, hash: &str, size: &str) -> Result<Self, ArchiveError> {
        let invalid =
            |what: &str| mismatch(format!("RECORD has an invalid {what} for {}", quoted(path)));
        let hash = match hash.split_once('=') {
            None if hash.is_empty() => None,
            None => return Err(invalid("hash")),
            Some((name, digest)) => {
                let algorithm = match name {
                    "sha256" => Algorithm::Sha256,
                    "sha384" => Algorithm::Sha384,
                    "sha512" => Algorithm::Sha512,
                    _ => {
                        let problem = "hash (sha256, sha384 or sha512 is needed)";
                        return Err(invalid(problem));
                    }
                };
                Some((algorithm, digest.trim_end_matches('=').to_owned()))
            }
        };
        let size = match size {
            "" => None,
            _ => Some(size.parse().map_err(|_| invalid("size"))?),
        };
        Ok(Self { hash, size })
    }

    pub(super) fn has_hash(&self) -> bool {
        self.hash.is_some()
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Computes the hash that is to be compared.
    pub(super) fn hasher(&self) -> Hasher {
        match self.hash {
            None => Hasher::None,
            Some((Algorithm::Sha256, _)) => Hasher::Sha256(Sha256::new()),
            Some((Algorithm::Sha384, _)) => Hasher::Sha384(Sha384::new()),
            Some((Algorithm::Sha512, _)) => Hasher::Sha512(Sha512::new()),
        }
    }

    pub(super) fn is_hash(&self, hasher: Hasher) -> bool {
        let Some((_, expected)) = &self.hash else {
            return true;
        };
        let digest = match hasher {
            Hasher::None => return false,
            Hasher::Sha256(it) => URL_SAFE_NO_PAD.encode(it.finalize()),
            Hasher::Sha384(it) => URL_SAFE_NO_PAD.encode(it.finalize()),
            Hasher::Sha512(it) => URL_SAFE_NO_PAD.encode(it.finalize()),
        };
        digest == *expected
    }
}

pub(super) enum Hasher {
    None,
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::None => {}
            Self::Sha256(it) => it.update(bytes),
            Self::Sha384(it) => it.update(bytes),
            Self::Sha512(it) => it.update(bytes),
        }
    }
}

pub(super) fn mismatch(problem: impl Into<String>) -> ArchiveError {
    ArchiveError::new(ArchiveErrorKind::RecordMismatch, problem)
}

/// The fields of one line. A field in quotes may have commas, line ends and doubled quotes.
fn read_line(chars: &mut Peekable<Chars<'_>>) -> Result<Vec<String>, ArchiveError> {
    let mut fields = Vec::new();
    loop {
        let is_quoted = chars.next_if_eq(&'"').is_some();
        fields.push(if is_quoted {
            read_quoted(chars)?
        } else {
            std::iter::from_fn(|| chars.next_if(|c| !matches!(c, ',' | '\r' | '\n'))).collect()
        });
        match chars.next() {
            Some(',') => {}
            Some('\r') => {
                chars.next_if_eq(&'\n');
                return Ok(fields);
            }
            Some('\n') | None => return Ok(fields),
            Some(_) => return Err(mismatch("RECORD has a quote within a field")),
        }
    }
}

fn read_quoted(chars: &mut Peekable<Chars<'_>>) -> Result<String, ArchiveError> {
    let mut field = String::new();
    loop {
        match chars.next() {
            Some('"') if chars.next_if_eq(&'"').is_none() => return Ok(field),
            Some(c) => field.push(c),
            None => return Err(mismatch("RECORD has a quote that does not end")),
        }
    }
}

use super::der::{self, BIT_STRING, SEQUENCE};
use super::error::{KeyError, KeyErrorKind as Kind};
use super::key::{Curve, VerifyingKey};

const BEGIN: &[u8] = b"-----BEGIN ";

/// Whether the text contains a block of PEM, wherever it begins.
pub(super) fn is_in(text: &[u8]) -> bool {
    text.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// The keys of all blocks. Text around them is a comment, as in the files of OpenSSL.
pub(super) fn parse(file: &[u8]) -> Result<Vec<VerifyingKey>, KeyError> {
    let malformed = || KeyError::new(Kind::Malformed, "the file has no PEM block of a public key");
    let blocks = ::pem::parse_many(file).map_err(|_| malformed())?;
    let begun = file.windows(BEGIN.len()).filter(|window| *window == BEGIN);
    // The parser skips a block that does not end.
    if blocks.is_empty() || begun.count() != blocks.len() {
        return Err(malformed());
    }
    blocks.iter().map(read).collect()
}

fn read(block: &::pem::Pem) -> Result<VerifyingKey, KeyError> {
    let key = match block.tag() {
        "PUBLIC KEY" => spki(block.contents()),
        "RSA PUBLIC KEY" => pkcs1(block.contents()),
        "CERTIFICATE" => {
            let problem = "the file has a certificate: extract its public key with openssl x509 -pubkey -noout";
            return Err(KeyError::new(Kind::WrongKind, problem));
        }
        label if label.ends_with("PRIVATE KEY") => {
            let problem =
                "the file has a private key: extract the public key with openssl pkey -pubout";
            return Err(KeyError::new(Kind::PrivateKey, problem));
        }
        _ => {
            let problem = "the file has a PEM block that is not a public key";
            return Err(KeyError::new(Kind::WrongKind, problem));
        }
    };
    let problem = "a public key is malformed, or of a type or curve that is not supported";
    key.ok_or(KeyError::new(Kind::Unsupported, problem))?
}

/// A `SubjectPublicKeyInfo` of RFC 5280.
fn spki(der: &[u8]) -> Option<Result<VerifyingKey, KeyError>> {
    let mut info = der::only(SEQUENCE, der)?;
    let algorithm = der::take(SEQUENCE, &mut info)?;
    let key = der::only(BIT_STRING, info)?.strip_prefix(&[0])?;
    let curve = match algorithm {
        RSA => return pkcs1(key),
        ED25519 => return Some(VerifyingKey::ed25519(key)),
        P256 => Curve::P256,
        P384 => Curve::P384,
        P521 => Curve::P521,
        _ => return None,
    };
    // An uncompressed point, as every tool writes it.
    let point = key.strip_prefix(&[0x04])?;
    let (x, y) = point.split_at_checked(curve.len())?;
    Some(VerifyingKey::ec(curve, x, y))
}

/// An `RSAPublicKey` of RFC 8017.
fn pkcs1(der: &[u8]) -> Option<Result<VerifyingKey, KeyError>> {
    let mut key = der::only(SEQUENCE, der)?;
    let n = der::take_positive(&mut key)?;
    let e = der::take_positive(&mut key)?;
    key.is_empty().then(|| VerifyingKey::rsa(n, e))
}

// The algorithm identifiers of RFC 3279, RFC 5480 and RFC 8410: an object identifier, and the
// parameters that go with it.
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
const P256: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
const P521: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23";

#[cfg(test)]
mod tests {
    use super::super::vectors::{columns, rows, signature};
    use super::*;

    #[test]
    fn files_are_judged_as_the_table_says() {
        for line in rows(include_str!("vectors/pem.tsv")) {
            let [expected, name, file] = columns(line);
            let file = file
                .replace(r"\n", "\n")
                .replace(r"\r", "\r")
                .replace(r"\t", "\t");
            match (expected.strip_prefix('!'), parse(file.as_bytes())) {
                (Some(kind), Err(error)) => {
                    assert_eq!(format!("{:?}", error.kind()), kind, "{name}");
                }
                (None, Ok(keys)) => {
                    let tokens: Vec<_> = expected.split(',').filter(|it| !it.is_empty()).collect();
                    assert_eq!(keys.len(), tokens.len().max(1), "{name}");
                    for (key, token) in keys.iter().zip(tokens) {
                        assert!(signature(token).is_verified_by(key), "{name}, {token}");
                        assert_eq!(key.kid(), None, "{name}");
                    }
                }
                (_, parsed) => panic!("{name}: {parsed:?}"),
            }
        }
    }

    #[test]
    fn a_block_is_found_wherever_it_begins() {
        for (text, found) in [
            ("-----BEGIN PUBLIC KEY-----", true),
            (" \n# key\n-----BEGIN RSA PUBLIC KEY-----", true),
            ("a-----BEGIN ", true),
            ("-----BEGIN", false),
            ("BEGIN PUBLIC KEY", false),
            ("", false),
        ] {
            assert_eq!(is_in(text.as_bytes()), found, "{text:?}");
        }
    }
}

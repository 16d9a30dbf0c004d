//! JSON Web Key Sets against a slow twin, which judges each key member by member and does the sums
//! of RSA and of the curves with big numbers.
#![no_main]

use std::fmt;

use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;
use portcullis::fuzzing::{keys, keys_for};
use portcullis::jwt::{Algorithm, KeyErrorKind as Kind, KeySet};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

const RSA: [&str; 6] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

fuzz_target!(|document: &[u8]| {
    let set = match (twin(document), KeySet::from_jwks(document)) {
        (Ok(twin), Ok(set)) => {
            check(&twin, &set);
            set
        }
        (Err(kind), Err(error)) => {
            assert_eq!(error.kind(), kind);
            return;
        }
        (twin, set) => panic!("{twin:?} {set:?}"),
    };
    check_choices(&set);
});

#[derive(Debug)]
struct Key {
    kid: Option<String>,
    algorithms: Vec<String>,
}

fn check(twin: &[Option<Key>], set: &KeySet) {
    let mut kept: Vec<&Key> = Vec::new();
    for key in twin.iter().flatten() {
        let shares = |other: &&&Key| {
            let algorithm = key
                .algorithms
                .iter()
                .find(|it| other.algorithms.contains(it));
            key.kid.is_some() && other.kid == key.kid && algorithm.is_some()
        };
        if kept.iter().find(shares).is_none() {
            kept.push(key);
        }
    }
    let found = keys(set);
    assert_eq!(found.len(), kept.len(), "{found:?} {kept:?}");
    assert_eq!(
        (set.len(), set.left_out().len()),
        (kept.len(), twin.len() - kept.len())
    );
    for ((kid, algorithms), twin) in found.iter().zip(kept) {
        assert_eq!(*kid, twin.kid.as_deref());
        assert_eq!(*algorithms, twin.algorithms);
    }
}

/// The choice by counting: first the keys that the token means, then those of them that fit.
fn check_choices(set: &KeySet) {
    let keys = keys(set);
    let any_named = keys.iter().any(|(kid, _)| kid.is_some());
    let names = keys
        .iter()
        .map(|(kid, _)| *kid)
        .chain([None, Some("unknown"), Some("")]);
    let algorithms = [
        Algorithm::Rs256,
        Algorithm::Ps512,
        Algorithm::Es256,
        Algorithm::Es512,
        Algorithm::EdDsa,
        Algorithm::Hs256,
    ];
    for kid in names.take(8) {
        for algorithm in algorithms {
            let meant = |own: Option<&str>| kid.is_none() || !any_named || own == kid;
            let meant: Vec<usize> = (0..keys.len()).filter(|i| meant(keys[*i].0)).collect();
            let fits = |i: &&usize| keys[**i].1.contains(&algorithm.name());
            let fitting: Vec<usize> = meant.iter().filter(fits).copied().collect();
            let expected = match fitting.len() {
                // A known name means that no newer set is needed.
                0 => Err(kid.is_none() || !any_named || meant.is_empty()),
                1..=8 => Ok(fitting),
                _ => Err(false),
            };
            assert_eq!(
                keys_for(set, kid, algorithm),
                expected,
                "{kid:?} {algorithm}"
            );
        }
    }
}

fn twin(document: &[u8]) -> Result<Vec<Option<Key>>, Kind> {
    if document.len() > 262_144 {
        return Err(Kind::TooLarge);
    }
    if std::str::from_utf8(document).is_err() {
        return Err(Kind::Malformed);
    }
    let Ok(mut sets) = serde_json::from_slice::<Sets>(document) else {
        return Err(Kind::Malformed);
    };
    match (sets.0.pop(), sets.0.pop()) {
        (Some(Json::Array(keys)), None) => {
            if keys.len() > 100 {
                return Err(Kind::TooManyKeys);
            }
            Ok(keys.iter().map(twin_key).collect())
        }
        _ => Err(Kind::Malformed),
    }
}

fn twin_key(key: &Json) -> Option<Key> {
    let Json::Object(members) = key else {
        return None;
    };
    let mut names: Vec<&String> = members.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let get = |name: &str| {
        let found = members.iter().find(|(own, _)| own == name);
        found
            .map(|(_, value)| value)
            .filter(|value| !matches!(value, Json::Null))
    };
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth"];
    let is_private = private.into_iter().any(|name| get(name).is_some());
    if names.len() < members.len() || is_private {
        return None;
    }
    let text = |name: &str| match get(name) {
        Some(Json::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_text_or_absent = |name: &str| get(name).is_none() || text(name).is_some();
    if !["kid", "alg", "use"].into_iter().all(is_text_or_absent) {
        return None;
    }
    if text("use").is_some_and(|usage| usage != "sig")
        || text("kid").is_some_and(|kid| kid.len() > 256)
    {
        return None;
    }
    match get("key_ops") {
        None => {}
        Some(Json::Array(operations)) => {
            let known = operations
                .iter()
                .filter(|one| matches!(one, Json::Text(_)))
                .count();
            let verify = operations
                .iter()
                .any(|one| matches!(one, Json::Text(text) if text == "verify"));
            if known < operations.len() || !verify {
                return None;
            }
        }
        Some(_) => return None,
    }
    let number = |name: &str| bytes(text(name)?);
    let mut algorithms: Vec<&str> = match (text("kty")?, text("crv")) {
        ("RSA", _) if is_rsa(&number("n")?, &number("e")?) => RSA.to_vec(),
        ("EC", Some("P-256")) if is_point(P256, &number("x")?, &number("y")?) => vec!["ES256"],
        ("EC", Some("P-384")) if is_point(P384, &number("x")?, &number("y")?) => vec!["ES384"],
        ("EC", Some("P-521")) if is_point(P521, &number("x")?, &number("y")?) => vec!["ES512"],
        ("OKP", Some("Ed25519")) if is_ed25519(&number("x")?) => vec!["EdDSA"],
        _ => return None,
    };
    if let Some(alg) = text("alg") {
        let alg = if alg == "Ed25519" { "EdDSA" } else { alg };
        algorithms.retain(|one| *one == alg);
    }
    (!algorithms.is_empty()).then(|| Key {
        kid: text("kid").map(str::to_owned),
        algorithms: algorithms.into_iter().map(str::to_owned).collect(),
    })
}

/// Whether it is 32 bytes, and no `y` of a point of order 1, 2, 4 or 8: these are 1, -1, 0 and the roots of
/// 121665 y^4 - 243332 y^2 + 121666, for which the doubled point has `y` = 0.
fn is_ed25519(x: &[u8]) -> bool {
    let Ok(mut x) = <[u8; 32]>::try_from(x) else {
        return false;
    };
    x[31] &= 0x7f;
    let prime = (BigUint::from(1_u8) << 255) - BigUint::from(19_u8);
    let y = BigUint::from_bytes_le(&x) % &prime;
    let square = &y * &y % &prime;
    let left = (&square * &square * 121_665_u32 + 121_666_u32) % &prime;
    let right = &square * 243_332_u32 % &prime;
    y != BigUint::ZERO && square != BigUint::from(1_u8) && left != right
}

fn is_rsa(n: &[u8], e: &[u8]) -> bool {
    let (modulus, exponent) = (BigUint::from_bytes_be(n), BigUint::from_bytes_be(e));
    (2048..=8192).contains(&modulus.bits())
        && modulus.bit(0)
        && exponent.bit(0)
        && exponent > BigUint::from(2u8)
        && exponent.bits() <= 32
}

/// The bytes of a coordinate, the prime in hexadecimal, and the `b` of `y² = x³ - 3x + b`: FIPS 186-4.
type Curve = (usize, &'static str, &'static str);

const P256: Curve = (
    32,
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
);
const P384: Curve = (
    48,
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
);
const P521: Curve = (
    66,
    "1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
);

fn is_point((len, p, b): Curve, x: &[u8], y: &[u8]) -> bool {
    let hex = |digits: &str| BigUint::parse_bytes(digits.as_bytes(), 16).unwrap();
    let (p, b) = (hex(p), hex(b));
    if x.len() != len || y.len() != len {
        return false;
    }
    let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
    x < p && y < p && &y * &y % &p == (&x * &x * &x + (&p - 3u8) * &x + b) % &p
}

/// Base64url bit by bit.
fn bytes(encoded: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for byte in encoded.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let rest = bits.split_off(bits.len() / 8 * 8);
    let good = rest.len() < 6 && !rest.contains(&1);
    let number = |bits: &[u8]| bits.iter().fold(0, |sum, bit| sum * 2 + bit);
    good.then(|| bits.chunks(8).map(number).collect())
}

/// All members named `keys`.
struct Sets(Vec<Json>);

/// JSON that keeps repeated members.
enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    Null,
    Other,
}

impl<'de> Deserialize<'de> for Sets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = Sets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Sets, A::Error> {
                let mut sets = Vec::new();
                while let Some(name) = access.next_key::<String>()? {
                    if name == "keys" {
                        sets.push(access.next_value()?);
                    } else {
                        // Any value, at any depth.
                        access.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Sets(sets))
            }
        }
        deserializer.deserialize_any(Top)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = access.next_element()? {
                    elements.push(element);
                }
                Ok(Json::Array(elements))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

use super::super::vectors::{signature, signatures};
use super::*;

#[test]
fn signatures_are_judged_as_others_judge_them() {
    let mut count = (0, 0);
    for vector in signatures() {
        let is_good = vector.is_verified_by(&vector.key());
        assert_eq!(is_good, vector.is_good, "{}", vector.name);
        count = (count.0 + u32::from(is_good), count.1 + u32::from(!is_good));
    }
    assert_eq!(count, (46, 55), "rows that are good and bad");
}

#[test]
fn no_other_signature_or_content_passes() {
    for vector in signatures().filter(|vector| vector.is_good) {
        let (name, key, good) = (vector.name, vector.key(), &vector.signature);
        let verifies =
            |signature: &[u8]| key.verifies(vector.algorithm, vector.signing_input, signature);
        for i in [0, good.len() / 2 - 1, good.len() / 2, good.len() - 1] {
            for bit in [0x01, 0x80] {
                let mut signature = good.clone();
                signature[i] ^= bit;
                assert!(!verifies(&signature), "{name}, byte {i}");
            }
        }
        let lengths = [
            vec![],
            good[1..].to_vec(),
            good[..good.len() - 1].to_vec(),
            [&[0], &good[..]].concat(),
            [&good[..], &[0]].concat(),
            good.repeat(2),
            vec![0; good.len()],
            vec![0xff; good.len()],
        ];
        for signature in lengths {
            assert!(!verifies(&signature), "{name}, {} bytes", signature.len());
        }
        for input in [
            &vector.signing_input[1..],
            &[vector.signing_input, b" "].concat(),
            b"",
        ] {
            assert!(!key.verifies(vector.algorithm, input, good), "{name}");
        }
        for other in Algorithm::ALL
            .into_iter()
            .filter(|it| *it != vector.algorithm)
        {
            assert!(
                !key.verifies(other, vector.signing_input, good),
                "{name} as {other}"
            );
        }
    }
}

#[test]
fn a_key_permits_its_own_algorithms_alone() {
    use Algorithm as A;
    let rsa: &[_] = &[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512];
    for (name, permitted) in [
        ("RFC 7515 A.1", &[A::Hs256][..]),
        ("joserfc HS384", &[A::Hs384]),
        ("joserfc HS512", &[A::Hs512]),
        ("RFC 7515 A.2", rsa),
        ("RFC 7515 A.3", &[A::Es256]),
        ("joserfc ES384", &[A::Es384]),
        ("RFC 7515 A.4", &[A::Es512]),
        ("RFC 8037 A.4", &[A::EdDsa]),
    ] {
        for algorithm in A::ALL {
            let key = signature(name).key();
            let expected = permitted.contains(&algorithm);
            assert_eq!(key.permits(algorithm), expected, "{name}, {algorithm}");
            let narrowed = key.with_algorithm(algorithm);
            assert_eq!(narrowed.is_some(), expected, "{name}, {algorithm}");
            if let Some(key) = narrowed {
                assert_eq!(key.algorithms(), AlgorithmSet::of(&[algorithm]), "{name}");
            }
        }
    }
}

#[test]
fn a_narrowed_key_verifies_by_that_algorithm_alone() {
    let vector = signature("RFC 7520 4.2");
    for (algorithm, is_good) in [(Algorithm::Ps384, true), (Algorithm::Rs256, false)] {
        let key = vector.key().with_algorithm(algorithm).unwrap();
        assert_eq!(vector.is_verified_by(&key), is_good, "{algorithm}");
    }
}

#[test]
fn a_secret_is_as_long_as_the_hash() {
    for (algorithm, len, problem) in [
        (Algorithm::Hs256, 32, None),
        (Algorithm::Hs256, 31, Some(Kind::Size)),
        (Algorithm::Hs256, 0, Some(Kind::Size)),
        (Algorithm::Hs384, 48, None),
        (Algorithm::Hs384, 47, Some(Kind::Size)),
        (Algorithm::Hs512, 64, None),
        (Algorithm::Hs512, 63, Some(Kind::Size)),
        (Algorithm::Hs512, 4096, None),
        (Algorithm::Rs256, 64, Some(Kind::Unsupported)),
        (Algorithm::EdDsa, 64, Some(Kind::Unsupported)),
    ] {
        let key = VerifyingKey::hmac(algorithm, &vec![b'k'; len]);
        let kind = key.err().map(|error| error.kind());
        assert_eq!(kind, problem, "{algorithm}, {len} bytes");
    }
}

#[test]
fn debug_shows_no_key() {
    let key = VerifyingKey::hmac(Algorithm::Hs256, &[b'k'; 32]).unwrap();
    assert_eq!(
        format!("{:?}", key.with_kid("first")),
        r#"VerifyingKey { kid: Some("first"), algorithms: {Hs256}, .. }"#
    );
}

#[test]
fn an_rsa_key_of_the_weak_chips_is_refused() {
    // Test 7 of Wycheproof's `json_web_key_test.json`, whose modulus has 2049 bits.
    let weak = include_str!("../vectors/roca.txt").trim_end();
    let weak = super::super::base64url::decode(weak).unwrap();
    let mut near = weak.clone();
    *near.last_mut().unwrap() ^= 2;
    let kind = |n: &[u8]| {
        VerifyingKey::rsa(n, &[1, 0, 1])
            .err()
            .map(|error| error.kind())
    };
    assert_eq!(kind(&weak), Some(Kind::Weak));
    assert_eq!(kind(&near), None);
}

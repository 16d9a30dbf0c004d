//! RFC 7515 section 7.1 and 2: three parts of strict base64url, each of its own kind.

use portcullis::jwt::Algorithm;
use serde_json::json;

use super::{Said, check, es256, verifier};
use crate::support::issuer::{claims, claims_with, encode, issuer};

const HEADER: &str = r#"{"alg":"ES256","kid":"es256"}"#;
const NOT_STRICT: &str = "a part is not strict base64url";
const ENCRYPTED: &str =
    r#"the token is "an encrypted one, of five parts", expected "a signed one, of three""#;

#[test]
fn a_token_is_three_parts_of_base64url() {
    let good = es256(&claims());
    let (input, signature) = good.rsplit_once('.').unwrap();
    for (name, token, said) in [
        ("a token", good.clone(), Said::Admitted),
        ("nothing", String::new(), Said::Absent),
        (
            "a password",
            "correct horse battery staple".into(),
            Said::Absent,
        ),
        ("two parts", input.into(), Said::Absent),
        (
            "no signature (RFC 7519 section 6)",
            format!("{input}."),
            Said::Absent,
        ),
        ("no header", format!(".{input}"), Said::Absent),
        ("no payload", "e30..e30".into(), Said::Absent),
        ("four parts", format!("{good}.e30"), Said::Absent),
        ("six parts", "a.b.c.d.e.f".into(), Said::Absent),
        ("three dots alone", "...".into(), Said::Absent),
        ("padding", format!("{good}="), Said::Absent),
        ("white space before it", format!(" {good}"), Said::Absent),
        ("white space after it", format!("{good}\n"), Said::Absent),
        (
            "white space in it",
            format!("{input}. {signature}"),
            Said::Absent,
        ),
        (
            "the alphabet of base64",
            "e30.e30.a+/b".into(),
            Said::Absent,
        ),
        (
            "letters beyond ASCII",
            "e30.e30.\u{e9}".into(),
            Said::Absent,
        ),
        (
            "an encrypted token",
            "e30.a.a.a.a".into(),
            Said::invalid(ENCRYPTED),
        ),
        (
            "an encrypted token by direct encryption",
            "e30..a.a.a".into(),
            Said::invalid(ENCRYPTED),
        ),
    ] {
        assert_eq!(Said::at_once(&verifier(), &token), said, "{name}");
    }
}

#[test]
fn a_token_is_at_most_16_kib() {
    let of_length = |length: usize| {
        // Base64url does not have every length; white space in the header makes up for it.
        let headers = ["", " ", "  "].map(|more| encode(format!("{HEADER}{more}")));
        let tokens = headers.map(|header| {
            let room = length - header.len() - "..".len() - 86;
            let payload = format!("{:1$}", claims().to_string(), room * 3 / 4);
            issuer().token_of_parts(Algorithm::Es256, &header, &encode(payload))
        });
        tokens.into_iter().find(|token| token.len() == length)
    };
    let longest = of_length(16 * 1024).expect("a token of this length");
    let too_long = of_length(16 * 1024 + 1).expect("a token of this length");
    check("the longest", &verifier(), &longest, None);
    let reason = "the token's length in bytes is…";
    check("longer by one", &verifier(), &too_long, Some(reason));
    let million = format!("{}.e30.e30", "e".repeat(1 << 20));
    check("a megabyte", &verifier(), &million, Some(reason));
    let encrypted = format!("{}..e30.e30.e30", "e".repeat(1 << 20));
    check(
        "a megabyte, encrypted",
        &verifier(),
        &encrypted,
        Some(ENCRYPTED),
    );
    let foreign = Said::at_once(&verifier(), &"a.".repeat(1 << 20));
    assert_eq!(foreign, Said::Absent, "a megabyte of dots");
}

/// Sets the spare bits of the last character of a part.
fn with_stray_bits(part: &str) -> String {
    let (rest, last) = part.split_at(part.len() - 1);
    let last = last.as_bytes()[0];
    format!("{rest}{}", char::from(last + 1))
}

#[test]
fn base64url_is_canonical_in_every_part() {
    let verifier = verifier();
    let of_parts = |header: &str, payload: &str| {
        let issuer = issuer();
        issuer.token_of_parts(Algorithm::Es256, header, payload)
    };
    // A length that is not a multiple of three leaves spare bits.
    let spaced = |text: &str| format!("{text}{}", " ".repeat(4 - text.len() % 3));
    let header = encode(spaced(HEADER));
    let payload = encode(spaced(&claims().to_string()));
    let good = of_parts(&header, &payload);
    check("canonical", &verifier, &good, None);
    let token = of_parts(&with_stray_bits(&header), &payload);
    check(
        "stray bits in the header",
        &verifier,
        &token,
        Some(NOT_STRICT),
    );
    let token = of_parts(&header, &with_stray_bits(&payload));
    check(
        "stray bits in the payload",
        &verifier,
        &token,
        Some(NOT_STRICT),
    );
    // 64 bytes: the last of 86 characters has four bits to spare.
    let token = with_stray_bits(&good);
    check(
        "stray bits in the signature",
        &verifier,
        &token,
        Some(NOT_STRICT),
    );
    let whole = encode(format!("{HEADER} "));
    check("whole groups", &verifier, &of_parts(&whole, &payload), None);
    let token = of_parts(&format!("{whole}A"), &payload);
    check("a character more", &verifier, &token, Some(NOT_STRICT));
}

#[test]
fn header_and_payload_have_unique_member_names() {
    let verifier = verifier();
    let claims = claims().to_string();
    let (open, close) = claims.split_at(1);
    let twice = format!(r#"{open}"aud":"other",{close}"#);
    let escaped = format!(r#"{open}"\u0061ud":"other",{close}"#);
    let nested = format!(r#"{open}"a":{{"b":1,"b":2}},{close}"#);
    let deep = format!(r#"{open}"a":{}{},{close}"#, "[".repeat(99), "]".repeat(99));
    let behind = format!("{claims} 1");
    let header = "the header is not a strict JSON object";
    let payload = "the payload is not a strict JSON object";
    for (name, head, body, refused) in [
        ("good", HEADER, &*claims, None),
        (
            "a header member twice",
            r#"{"alg":"ES256","alg":"ES256","kid":"es256"}"#,
            &claims,
            Some(header),
        ),
        ("a header that is an array", "[]", &claims, Some(header)),
        ("a header that is no JSON", "ES256", &claims, Some(header)),
        (
            "text behind the header",
            r#"{"alg":"ES256"} {}"#,
            &claims,
            Some(header),
        ),
        ("a claim twice", HEADER, &twice, Some(payload)),
        (
            "a claim twice, once escaped",
            HEADER,
            &escaped,
            Some(payload),
        ),
        (
            "a name twice within a claim",
            HEADER,
            &nested,
            Some(payload),
        ),
        ("a claim too deep", HEADER, &deep, Some(payload)),
        ("text behind the claims", HEADER, &behind, Some(payload)),
        (
            "a payload that is a string",
            HEADER,
            "\"ci\"",
            Some(payload),
        ),
        ("a payload that is null", HEADER, "null", Some(payload)),
    ] {
        let token = issuer().token_of(Algorithm::Es256, head, body);
        check(name, &verifier, &token, refused);
    }
    let header = encode(HEADER);
    let token = issuer().token_of_parts(Algorithm::Es256, &header, &encode(b"{\"a\":\"\xff\"}"));
    check(
        "a payload that is not UTF-8",
        &verifier,
        &token,
        Some(payload),
    );
}

#[test]
fn every_signature_is_validated() {
    let verifier = verifier();
    let wrong = Some("the signature is wrong");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let good = issuer().token(algorithm, &claims());
        let other = issuer().token(algorithm, &claims_with(json!({"sub": "root"})));
        let (input, signature) = good.rsplit_once('.').unwrap();
        check("good", &verifier, &good, None);
        let forged = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
        check("the signature of another token", &verifier, &forged, wrong);
        let zeros = format!("{input}.{}", "A".repeat(signature.len()));
        check("zeros", &verifier, &zeros, wrong);
        let short = format!("{input}.{}", &signature[..signature.len() - 4]);
        let refused = Said::at_once(&verifier, &short);
        assert!(
            matches!(refused, Said::Invalid(_)),
            "a cut signature: {refused:?}"
        );
        let long = format!("{input}.AAAA{signature}");
        check("a longer signature", &verifier, &long, wrong);
    }
    let stranger = crate::support::issuer::Issuer::new();
    let token = stranger.token(Algorithm::Es256, &claims());
    check("another's key of the same name", &verifier, &token, wrong);
}

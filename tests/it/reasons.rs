//! The reasons of refusals: each names the expected and the given value, or is in a list of those that have none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis::JwtScopeLayer;
use portcullis::gate::{AnyOf, RefusalReason, ScopePolicy};
use portcullis::jwt::{Algorithm, ClaimPath, ClaimPolicy, JwtVerifier, TrustedIssuer};
use serde_json::{Value, json};

use crate::support::clock::StandingClock;
use crate::support::issuer::{AUDIENCE, ISSUER, NOW, claims_with, issuer};
use crate::support::{get, through};

/// The reasons that are a fixed text, by why they have no two values to name.
const FIXED: [(&str, &[&str]); 4] = [
    (
        "what came has no form, and may be a secret in the wrong place",
        &[
            "malformed Basic credentials",
            "malformed bearer token",
            "malformed token",
            "two Authorization fields",
            "a token is given twice",
            "tokens in several carriers",
            "a part is not strict base64url",
            "the payload is not a strict JSON object",
            "the header is not a strict JSON object",
            "the header has crit or b64, which are not supported",
            "the token contains another token (cty)",
            "the ID token is not a signed one",
            "the claims of the token do not fit",
        ],
    ),
    (
        "both values are secrets",
        &[
            "unknown user or wrong password",
            "unknown token",
            "wrong token",
            "the signature is wrong",
            "the nonce is missing",
            "the nonce is not that of the sign-in",
            "at_hash or c_hash does not match the access token or code",
        ],
    ),
    (
        "nothing was expected of the request: it is the state of a token, a store or the stack",
        &[
            "revoked token",
            "expired token",
            "there are no keys of the token's issuer",
            "the issuer's keys could not be fetched",
            "the token could not be looked up",
            "the check of the password broke off",
            "too many passwords wait to be checked",
            "the client signed in by a method without claims",
            "no method of the gate is configured",
            "there is no gate outside",
        ],
    ),
    (
        "the source of the reason has the values",
        &[
            "the provider refused the sign-in",
            "the provider's answer was rejected",
            "the session does not fit into the cookie",
            "the provider is unavailable",
            "the session cannot be checked now",
            "the session store failed",
            "too many sign-ins are being completed",
        ],
    ),
];

/// The beginnings of what makes a reason of the text that follows.
const MAKERS: [&str; 5] = [
    "Refusal::malformed(",
    "Refusal::invalid(",
    "Refusal::forbidden(",
    "Refusal::unavailable(",
    "Refusal::misconfigured(",
];

/// The same in the rules for JSON Web Tokens.
const MAKERS_OF_JWT: [&str; 4] = ["Err(", "Bad(", "ok_or(", "detail: "];

/// The files whose results become reasons.
const OF_JWT: [&str; 7] = [
    "compact.rs",
    "header.rs",
    "id_token.rs",
    "judge.rs",
    "rules.rs",
    "validity.rs",
    "verifier.rs",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "tests" {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs")
            && path.file_stem().unwrap() != "tests"
        {
            found.push(path);
        }
    }
}

/// The texts that follow these makers, in code that is neither a comment nor a test.
fn texts_after(source: &str, makers: &[&str], found: &mut BTreeSet<String>) {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    for maker in makers {
        for rest in code.split(maker).skip(1) {
            let text = rest.trim_start().strip_prefix('"');
            if let Some((text, _)) = text.and_then(|text| text.split_once('"')) {
                found.insert(text.to_owned());
            }
        }
    }
}

#[test]
fn every_reason_without_values_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut found) = (Vec::new(), BTreeSet::new());
    sources(&root, &mut files);
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        texts_after(&source, &MAKERS, &mut found);
        let name = file.file_name().unwrap().to_str().unwrap();
        if file.parent() == Some(&root.join("jwt")) && OF_JWT.contains(&name) {
            texts_after(&source, &MAKERS_OF_JWT, &mut found);
        }
    }
    let listed = FIXED.iter().flat_map(|(_, reasons)| *reasons);
    let listed: BTreeSet<_> = listed.map(|it| (*it).to_owned()).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    assert!(
        new.is_empty(),
        "make a Mismatch of these, or list why not: {new:?}"
    );
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(gone.is_empty(), "these are no reasons any more: {gone:?}");
}

fn layer() -> JwtScopeLayer {
    let repository = ClaimPath::new(["repository"]).unwrap();
    let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], issuer().keys()).unwrap();
    let trusted = trusted.with_algorithms([Algorithm::Es256]).unwrap();
    let trusted =
        trusted.with_required_claims(ClaimPolicy::one_of(repository, ["octo/app"]).unwrap());
    let verifier = JwtVerifier::new([trusted]).unwrap();
    let verifier = verifier.with_clock(StandingClock::at(NOW));
    let layer = JwtScopeLayer::new("packages", verifier).unwrap();
    layer.with_required_scopes(ScopePolicy::any_of(["wheels:write"]).unwrap())
}

#[tokio::test]
async fn a_wrong_token_names_both_values() {
    let token = |changes: Value| issuer().token(Algorithm::Es256, &claims_with(changes));
    let header = |header: Value| issuer().token_with_header(header, &claims_with(json!({})));
    let rs256 = issuer().token(Algorithm::Rs256, &claims_with(json!({})));
    let repository = |changes: Value| {
        let mut changes = changes;
        changes["repository"] = "octo/app".into();
        token(changes)
    };
    for (name, token, given, expected) in [
        (
            "iss",
            token(json!({"iss": "https://x"})),
            "https://x",
            ISSUER,
        ),
        ("aud", token(json!({"aud": "x"})), "x", AUDIENCE),
        ("alg", rs256, "RS256", "ES256"),
        ("kid", header(json!({"kid": "new"})), "new", "es256"),
        ("typ", header(json!({"typ": "x"})), "x", "JWT"),
        (
            "exp",
            token(json!({"exp": NOW - 75})),
            "75 seconds ago",
            "less than 30 seconds ago",
        ),
        (
            "nbf",
            token(json!({"nbf": NOW + 31})),
            "in 31 seconds",
            "in at most 30 seconds",
        ),
        (
            "claim",
            token(json!({"repository": "octo/x"})),
            "octo/x",
            "octo/app",
        ),
        (
            "scope",
            repository(json!({"scope": "wheels:read"})),
            "wheels:read",
            "wheels:write",
        ),
        (
            "password",
            "s3cr3t".into(),
            "an opaque bearer token",
            "one that a method of the gate takes",
        ),
    ] {
        let field = format!("Bearer {token}");
        let gate = AnyOf::new((layer(),)).unwrap();
        let answer = through(&gate, get("/", &[("authorization", &field)])).await;
        let reason = answer.extensions.get::<RefusalReason>().unwrap();
        let mismatch = reason
            .mismatch()
            .unwrap_or_else(|| panic!("{name}: {reason}"));
        assert_eq!(mismatch.given(), Some(given), "{name}");
        assert!(
            mismatch.expected().any(|it| it == expected),
            "{name}: {mismatch}"
        );
        assert!(!reason.to_string().contains("s3cr3t"), "{name}");
    }
}

//! Conditions on claims, by tokens of the shapes that CI services and clouds issue.

use http::StatusCode;
use portcullis::jwt::{ClaimPath, ClaimPolicy, JwtVerifier};
use portcullis::{ConfigError, JwtScopeLayer};
use serde_json::{Value, json};

use super::es256;
use crate::support::clock::StandingClock;
use crate::support::issuer::{NOW, claims_with, issuer};
use crate::support::{get, through};

fn bearer(token: &str) -> http::Request<axum::body::Body> {
    get("/", &[("authorization", &format!("Bearer {token}"))])
}

fn claim(names: &[&str]) -> ClaimPath {
    ClaimPath::new(names.iter().copied()).unwrap()
}

fn one_of(names: &[&str], values: &[&str]) -> ClaimPolicy {
    ClaimPolicy::one_of(claim(names), values.iter().copied()).unwrap()
}

fn begins_with(names: &[&str], prefix: &str) -> ClaimPolicy {
    ClaimPolicy::begins_with(claim(names), prefix).unwrap()
}

/// A layer for tokens that satisfy the policy.
fn layer(policy: ClaimPolicy) -> JwtScopeLayer {
    let trusted = issuer().trusted().with_required_claims(policy);
    let verifier = JwtVerifier::new([trusted]).unwrap();
    let verifier = verifier.with_clock(StandingClock::at(NOW));
    JwtScopeLayer::new("packages", verifier).unwrap()
}

/// The status, and the reason of a refusal.
async fn outcome(layer: &JwtScopeLayer, claims: &Value) -> (StatusCode, String) {
    let answer = through(layer, bearer(&es256(claims))).await;
    let reason = answer.extensions.get::<portcullis::gate::RefusalReason>();
    let reason = reason.map(ToString::to_string).unwrap_or_default();
    // The client learns neither the claim nor what was expected.
    let told = format!("{:?}{}", answer.headers, answer.body);
    assert!(reason.is_empty() || !told.contains(&reason), "{told}");
    assert!(!told.contains("octo"), "{told}");
    (answer.status, reason)
}

/// A service, what it is asked for, a token that is admitted, and changes that make it another's.
struct Recipe {
    name: &'static str,
    policy: ClaimPolicy,
    token: Value,
    others: Vec<Value>,
}

fn recipes() -> Vec<Recipe> {
    vec![
        // "OpenID Connect reference" in the documentation of GitHub Actions.
        Recipe {
            name: "GitHub Actions",
            policy: one_of(&["repository"], &["octo/app"]).and(begins_with(&["ref"], "refs/tags/")),
            token: json!({
                "sub": "repo:octo/app:ref:refs/tags/v1", "repository": "octo/app", "ref": "refs/tags/v1",
                "repository_owner": "octo", "environment": "production", "run_attempt": "1",
                "job_workflow_ref": "octo/app/.github/workflows/release.yml@refs/tags/v1",
            }),
            others: vec![
                json!({"repository": "octo/app2"}),
                json!({"repository": "octo/App"}),
                json!({"repository": "evil/app"}),
                json!({"repository": ["evil/app"]}),
                json!({"repository": null}),
                json!({"ref": "refs/heads/main"}),
                json!({"ref": "x refs/tags/v1"}),
                // Other claims that a stranger chooses do not stand in for it.
                json!({"repository": "evil/x", "environment": "production octo/app"}),
                json!({"repository": "evil/x", "environment": "octo/app", "scope": "octo/app"}),
            ],
        },
        // "ID token authentication" in the documentation of GitLab CI.
        Recipe {
            name: "GitLab",
            policy: begins_with(&["project_path"], "octo/")
                .and(one_of(&["ref_protected"], &["true"])),
            token: json!({
                "sub": "project_path:octo/app:ref_type:branch:ref:main", "project_path": "octo/app",
                "namespace_path": "octo", "ref": "main", "ref_protected": "true",
            }),
            others: vec![
                json!({"project_path": "octopus/app"}),
                json!({"project_path": "evil/octo/app"}),
                json!({"ref_protected": "false"}),
                json!({"ref_protected": false}),
            ],
        },
        // "Buildkite OIDC" in its documentation.
        Recipe {
            name: "Buildkite",
            policy: one_of(&["organization_slug"], &["octo"])
                .and(one_of(&["pipeline_slug"], &["app", "tools"])),
            token: json!({
                "sub": "organization:octo:pipeline:app:ref:refs/heads/main:commit:1:step:build",
                "organization_slug": "octo", "pipeline_slug": "app", "build_number": 7,
            }),
            others: vec![
                json!({"organization_slug": "evil"}),
                json!({"pipeline_slug": "app-fork"}),
            ],
        },
        // "Managing service accounts" in the documentation of Kubernetes.
        Recipe {
            name: "Kubernetes",
            policy: one_of(&["kubernetes.io", "namespace"], &["octo-ci"]).and(one_of(
                &["kubernetes.io", "serviceaccount", "name"],
                &["builder"],
            )),
            token: json!({
                "sub": "system:serviceaccount:octo-ci:builder",
                "kubernetes.io": {
                    "namespace": "octo-ci",
                    "pod": {"name": "p-1", "uid": "5e0bd49b"},
                    "serviceaccount": {"name": "builder", "uid": "14ee3fa4"},
                },
            }),
            others: vec![
                json!({"kubernetes.io": {"namespace": "default", "serviceaccount": {"name": "builder"}}}),
                json!({"kubernetes.io": {"namespace": "octo-ci", "serviceaccount": {"name": "default"}}}),
                json!({"kubernetes.io.namespace": "octo-ci", "kubernetes.io": {}}),
            ],
        },
        // "Get an ID token" in the documentation of Google Cloud.
        Recipe {
            name: "Google Cloud",
            policy: one_of(&["email"], &["ci@octo.iam.gserviceaccount.com"])
                .and(one_of(&["email_verified"], &["true"])),
            token: json!({
                "sub": "113774264463038321964", "email": "ci@octo.iam.gserviceaccount.com",
                "email_verified": true, "azp": "113774264463038321964",
            }),
            others: vec![
                json!({"email": "ci@octo.iam.gserviceaccount.com.evil.example"}),
                json!({"email_verified": false}),
            ],
        },
        // "Access token claims reference" in the documentation of Microsoft Entra.
        Recipe {
            name: "Azure",
            policy: one_of(&["tid"], &["72f988bf"]).and(one_of(&["oid"], &["a1b2", "c3d4"])),
            token: json!({"sub": "a1b2", "tid": "72f988bf", "oid": "a1b2", "idtyp": "app"}),
            others: vec![json!({"tid": "other"}), json!({"oid": "e5f6"})],
        },
    ]
}

#[tokio::test]
async fn tokens_of_workloads_are_told_apart() {
    for recipe in recipes() {
        let Recipe {
            name,
            policy,
            token,
            others,
        } = recipe;
        let layer = layer(policy);
        let good = claims_with(token);
        let (status, reason) = outcome(&layer, &good).await;
        assert_eq!(status, StatusCode::OK, "{name}: {reason}");
        for change in others {
            let mut claims = good.clone();
            for (claim, value) in change.as_object().unwrap() {
                claims[claim] = value.clone();
            }
            let (status, reason) = outcome(&layer, &claims).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{name}: {change}");
            assert!(reason.contains("expected "), "{name}: {reason}");
        }
    }
}

#[tokio::test]
async fn a_refusal_names_claim_and_both_values() {
    let layer = layer(one_of(&["repository"], &["octo/app", "octo/tools"]));
    let claims = claims_with(json!({"repository": "evil/app\n"}));
    let (status, reason) = outcome(&layer, &claims).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let expected =
        r#"the token's claim repository is "evil/app\n", expected one of "octo/app", "octo/tools""#;
    assert_eq!(reason, expected);
    // Nothing is said of a token whose signature is wrong.
    let mut forged = es256(&claims);
    forged.replace_range(forged.len() - 8..forged.len() - 4, "AAAA");
    let answer = through(&layer, bearer(&forged)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn scope_claims_cannot_name_a_client() {
    let with = |names: &[&str]| -> Result<(), ConfigError> {
        let trusted = issuer().trusted().with_scope_claims([claim(names)]);
        trusted.map(|_| ())
    };
    for names in [
        &["repository"][..],
        &["sub"],
        &["environment"],
        &["kubernetes.io", "namespace"],
    ] {
        let error = with(names).unwrap_err();
        assert_eq!(error.setting(), "scope claims", "{names:?}");
    }
    for names in [&["groups"][..], &["realm_access", "roles"], &["scp"]] {
        assert!(with(names).is_ok(), "{names:?}");
    }
}

#[tokio::test]
async fn the_subject_may_be_another_claim() {
    let subject = |path: Option<&[&str]>, changes: Value| {
        let mut trusted = issuer().trusted();
        if let Some(path) = path {
            trusted = trusted.with_subject_claim(claim(path));
        }
        let verifier = JwtVerifier::new([trusted]).unwrap();
        let verifier = verifier.with_clock(StandingClock::at(NOW));
        let layer = JwtScopeLayer::new("packages", verifier).unwrap();
        async move {
            let mut claims = claims_with(json!({}));
            for (claim, value) in changes.as_object().unwrap() {
                claims[claim] = value.clone();
            }
            let answer = through(&layer, bearer(&es256(&claims))).await;
            let identity = answer.passed().then(|| {
                let extensions = &answer.seen().extensions;
                extensions
                    .get::<portcullis::gate::Identity>()
                    .unwrap()
                    .clone()
            });
            identity.map(|identity| identity.subject().to_owned())
        }
    };
    for (name, path, changes, expected) in [
        // Cloudflare's service tokens.
        (
            "an empty sub",
            None,
            json!({"sub": "", "client_id": null, "azp": "svc"}),
            Some("svc"),
        ),
        (
            "a null sub",
            None,
            json!({"sub": null, "client_id": "c"}),
            Some("c"),
        ),
        (
            "none",
            None,
            json!({"sub": "", "client_id": "", "azp": ""}),
            None,
        ),
        ("a number", None, json!({"sub": 1, "client_id": "c"}), None),
        (
            "null scopes",
            None,
            json!({"scp": null, "scope": "read"}),
            Some("ci"),
        ),
        (
            "a null nbf, which is no time",
            None,
            json!({"nbf": null}),
            None,
        ),
        ("a null exp", None, json!({"exp": null}), None),
        (
            "another",
            Some(&["common_name"][..]),
            json!({"common_name": "svc"}),
            Some("svc"),
        ),
        (
            "another, nested",
            Some(&["a", "b"]),
            json!({"a": {"b": "c"}}),
            Some("c"),
        ),
        ("another, absent", Some(&["common_name"]), json!({}), None),
        (
            "another, empty",
            Some(&["common_name"]),
            json!({"common_name": ""}),
            None,
        ),
    ] {
        assert_eq!(subject(path, changes).await.as_deref(), expected, "{name}");
    }
}

//! What a decision costs in allocations: none. Times are the benchmarks' to tell.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use portcullis::aws::{Credentials, CredentialsProvider, RefreshingCredentials};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{
    Authenticator, Carrier, Decision, Identity, Refusal, ScopePolicy, TokenFromPath, Verdict,
};
use portcullis::htpasswd::{HtpasswdTable, HtpasswdUsers};
use portcullis::jwt::Algorithm;
use portcullis::path::RequestPath;
use portcullis::token::{TokenTable, Tokens};
use portcullis::{JwtScopeLayer, Secret, TokenAuthLayer};

use crate::support::issuer::{claims, issuer};
use crate::support::{basic, get, head};

fn layer_of(users: usize) -> BasicAuthLayer {
    let users = (0..users).map(|i| (format!("user{i}"), format!("password{i}")));
    BasicAuthLayer::new("packages", FixedUsers::new(users).unwrap()).unwrap()
}

#[test]
fn basic_auth_decides_without_allocation() {
    for users in [1, 1000] {
        let layer = layer_of(users);
        for (name, field, admits) in [
            ("right", Some(basic("user0", "password0")), true),
            ("wrong", Some(basic("user0", "password1")), false),
            ("unknown", Some(basic("nobody", "password0")), false),
            ("malformed", Some("Basic ???".to_owned()), false),
            ("absent", None, false),
        ] {
            let headers: Vec<_> = field
                .iter()
                .map(|field| ("authorization", field.as_str()))
                .collect();
            let head = head(&headers);
            let mut decision = None;
            let cost = measure(|| decision = Some(layer.authenticate(&head)));
            assert_eq!(cost.count_total, 0, "{name}, {users} users");
            let admitted = matches!(decision, Some(Decision::Now(Verdict::Admit(_))));
            assert_eq!(admitted, admits, "{name}, {users} users");
        }
    }
}

#[test]
fn a_cached_verdict_decides_without_allocation() {
    let identity = Identity::new("test", "ci").with_scopes(["index:read", "wheels:read"]);
    let verify = move |token: &str| match token {
        "good" => Decision::admit(identity.clone()),
        "other" => Decision::Absent,
        _ => Decision::refuse(Refusal::invalid("revoked")),
    };
    let header = http::HeaderName::from_static("x-token");
    let layer = TokenAuthLayer::new("packages", verify)
        .unwrap()
        .with_carriers([
            Carrier::bearer(),
            Carrier::basic_password(),
            Carrier::header(header),
            Carrier::cookie("sid").unwrap(),
            Carrier::insecure_query("token").unwrap(),
            Carrier::path_token(),
        ])
        .unwrap();
    let policy = ScopePolicy::any_of(["admin", "wheels:read"]).unwrap();
    let granted = policy.and(ScopePolicy::all_of(["index:read"]).unwrap());
    let lacking = granted
        .clone()
        .and(ScopePolicy::all_of(["wheels"]).unwrap());
    for (policy, is_granted) in [(granted, true), (lacking, false)] {
        let layer = layer.clone().with_required_scopes(policy);
        for token in ["good", "other", "revoked"] {
            let mut by_path = get("/", &[]);
            by_path
                .extensions_mut()
                .insert(TokenFromPath::new(Secret::new(token)));
            for (carrier, request) in [
                (
                    "bearer",
                    get("/", &[("authorization", &format!("Bearer {token}"))]),
                ),
                ("basic", get("/", &[("authorization", &basic("x", token))])),
                ("header", get("/", &[("x-token", token)])),
                ("cookie", get("/", &[("cookie", &format!("sid={token}"))])),
                ("query", get(&format!("/?token={token}"), &[])),
                ("path", by_path),
            ] {
                let head = request.into_parts().0;
                let mut decision = None;
                let cost = measure(|| decision = Some(layer.authenticate(&head)));
                // A refusal for a scope keeps the scopes for the log: both texts, their list, and what holds it.
                let most = if token == "good" && !is_granted { 6 } else { 0 };
                assert!(
                    cost.count_total <= most,
                    "{token} by {carrier}, {is_granted}: {cost:?}"
                );
                let admitted = matches!(decision, Some(Decision::Now(Verdict::Admit(_))));
                assert_eq!(
                    admitted,
                    is_granted && token == "good",
                    "{token}, {carrier}"
                );
            }
        }
    }
}

#[test]
fn putting_the_identity_into_empty_extensions_costs_three() {
    let identity = Identity::new("basic", "ci").with_scopes(["read"]);
    let mut request = Request::new(Full::<Bytes>::default());
    let cost = measure(|| {
        request.extensions_mut().insert(identity.clone());
    });
    assert_eq!(cost.count_total, 3);
}

#[test]
fn a_canonical_path_is_parsed_without_an_allocation() {
    let cost = measure(|| {
        assert!(RequestPath::parse("/simple/pkg-1.0/pkg-1.0-py3-none-any.whl").is_ok());
    });
    assert_eq!(cost.count_total, 0);
    let rewritten = measure(|| assert!(RequestPath::parse("/%70kg").is_ok()));
    assert_ne!(rewritten.count_total, 0, "the counter counts");
}

#[test]
fn an_admitted_pair_is_written_down_without_allocation() {
    let layer = layer_of(1);
    let right = basic("user0", "password0");
    let mut head = head(&[("authorization", &right)]);
    let network: IpAddr = [192, 0, 2, 1].into();
    head.extensions.insert(ClientNetwork::of(network));
    for round in 0..3 {
        let mut decision = None;
        let cost = measure(|| decision = Some(layer.authenticate(&head)));
        assert_eq!(cost.count_total, 0, "{round}");
        assert!(matches!(decision, Some(Decision::Now(Verdict::Admit(_)))));
    }
}

#[tokio::test]
async fn a_known_password_is_admitted_without_allocation() {
    let table = HtpasswdTable::parse(b"ana:{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=").unwrap();
    let layer = BasicAuthLayer::new("packages", HtpasswdUsers::new(table)).unwrap();
    let right = basic("ana", "s3cret");
    let head = head(&[("authorization", &right)]);
    let mut decision = None;
    let first = measure(|| decision = Some(layer.authenticate(&head)));
    assert_ne!(first.count_total, 0, "the counter counts");
    let Some(Decision::Later(verdict)) = decision.take() else {
        panic!("the first is checked");
    };
    assert!(matches!(verdict.await, Verdict::Admit(_)));
    let again = measure(|| decision = Some(layer.authenticate(&head)));
    assert_eq!(again.count_total, 0);
    assert!(matches!(decision, Some(Decision::Now(Verdict::Admit(_)))));
}

#[test]
fn any_token_is_decided_without_allocation() {
    let token = "pcl-0000000000000000000000000000003IZszq";
    let file = r#"{"tokens":[{
        "id": "ci",
        "sha256": "8f87c3faaa57ffb6c57e47d8319064de4aa7aa7ee8b0ceffe7f8217171925f61",
        "created": "2001-09-09T01:46:40Z",
        "scopes": ["read"]
    }]}"#;
    let tokens = Tokens::new(TokenTable::parse(file.as_bytes()).unwrap());
    let required = ScopePolicy::all_of(["read"]).unwrap();
    let layer = TokenAuthLayer::new("packages", tokens)
        .unwrap()
        .with_required_scopes(required);
    let unknown = "pcl-UVWXYZabcdefghijklmnopqrstuvwx1MvXe9";
    for (name, field, admits) in [
        ("by bearer", format!("Bearer {token}"), true),
        ("by password", basic("__token__", token), true),
        ("unknown", format!("Bearer {unknown}"), false),
        ("not one", basic("ana", "s3cret"), false),
    ] {
        let head = head(&[("authorization", &field)]);
        let mut decision = None;
        let cost = measure(|| decision = Some(layer.authenticate(&head)));
        assert_eq!(cost.count_total, 0, "{name}");
        let admitted = matches!(decision, Some(Decision::Now(Verdict::Admit(_))));
        assert_eq!(admitted, admits, "{name}");
    }
}

#[test]
fn a_known_token_is_admitted_without_allocation() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let verifier = issuer().verifier();
        let layer = JwtScopeLayer::new("packages", verifier).unwrap();
        let layer = layer.with_required_scopes(ScopePolicy::all_of(["read"]).unwrap());
        let token = format!("Bearer {}", issuer().token(algorithm, &claims()));
        let head = head(&[("authorization", &token)]);
        let mut decision = None;
        let first = measure(|| decision = Some(layer.authenticate(&head)));
        assert_ne!(first.count_total, 0, "the counter counts");
        assert!(matches!(decision, Some(Decision::Now(Verdict::Admit(_)))));
        let again = measure(|| decision = Some(layer.authenticate(&head)));
        assert_eq!(again.count_total, 0, "{algorithm}");
        assert!(matches!(decision, Some(Decision::Now(Verdict::Admit(_)))));
    }
}

#[tokio::test]
async fn fresh_credentials_cost_none() {
    let in_2100 = SystemTime::UNIX_EPOCH + Duration::from_hours(1_139_568);
    let long_term = Credentials::new("AKID", "s3cret").unwrap();
    for (name, credentials) in [
        ("long-term", long_term.clone()),
        ("temporary", long_term.with_expires_at(in_2100)),
    ] {
        let refreshing = RefreshingCredentials::new(credentials);
        refreshing.credentials().await.unwrap();
        let mut ready = false;
        let cost = measure(|| {
            let future = pin!(refreshing.credentials());
            let poll = future.poll(&mut Context::from_waker(Waker::noop()));
            ready = matches!(poll, Poll::Ready(Ok(_)));
        });
        assert_eq!((ready, cost.count_total), (true, 0), "{name}");
    }
}

//! Extractors in an axum router behind a gate.

use axum::Router;
use axum::routing::get as route;
use bytes::Bytes;
use http::Response;
use portcullis::JwtScopeLayer;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::extract::{Claims, Rejection};
use portcullis::gate::{
    AnyOf, GateLayer, Identity, Optional, RefusalKind, RefusalReason, RequireScopeLayer,
};
use portcullis::jwt::Algorithm;
use serde::Deserialize;
use serde_json::{Value, json};
use tower::{Layer, ServiceBuilder};

use crate::support::issuer::{claims, claims_with, issuer};
use crate::support::{Answer, basic, echo, get, send};

#[derive(Deserialize)]
struct Person {
    sub: String,
    team: Option<String>,
    #[serde(default)]
    level: u8,
}

fn router() -> Router {
    Router::new()
        .route(
            "/identity",
            route(|who: Identity| async move { who.subject().to_owned() }),
        )
        .route(
            "/maybe",
            route(|who: Option<Identity>| async move {
                who.map_or("nobody".to_owned(), |who| who.subject().to_owned())
            }),
        )
        .route(
            "/claims",
            route(|Claims(it): Claims<Person>| async move {
                format!("{} of {:?}, {}", it.sub, it.team, it.level)
            }),
        )
        .route(
            "/maybe-claims",
            route(|it: Option<Claims<Person>>| async move {
                it.map_or("none".to_owned(), |Claims(it)| it.sub)
            }),
        )
        .route(
            "/result",
            route(|it: Result<Claims<Person>, Rejection>| async move {
                it.map_or_else(|rejection| rejection.to_string(), |Claims(it)| it.sub)
            }),
        )
}

fn methods() -> AnyOf {
    let people = FixedUsers::new([("ana", "s3cret")]).unwrap();
    AnyOf::new((
        JwtScopeLayer::new("packages", issuer().verifier()).unwrap(),
        BasicAuthLayer::new("packages", people).unwrap(),
    ))
    .unwrap()
}

fn bearer(claims: &Value) -> String {
    format!("Bearer {}", issuer().token(Algorithm::Rs256, claims))
}

fn kind(answer: &Answer) -> Option<RefusalKind> {
    answer
        .extensions
        .get::<RefusalReason>()
        .map(RefusalReason::kind)
}

#[tokio::test]
async fn handlers_get_identity_and_claims() {
    let service = Optional::new(methods()).layer(router());
    let jwt = bearer(&claims_with(json!({"team": "wheels", "level": 3})));
    let misfit = bearer(&claims_with(json!({"team": ["s3cret-team"]})));
    let too_high = bearer(&claims_with(json!({"level": 256})));
    let password = basic("ana", "s3cret");
    let (known, forbidden) = (200, 403);
    for (name, authorization, path, status, body) in [
        ("a JWT", Some(&jwt), "/identity", known, "ci"),
        ("a JWT", Some(&jwt), "/maybe", known, "ci"),
        (
            "a JWT",
            Some(&jwt),
            "/claims",
            known,
            "ci of Some(\"wheels\"), 3",
        ),
        ("a JWT", Some(&jwt), "/maybe-claims", known, "ci"),
        ("a user", Some(&password), "/identity", known, "ana"),
        ("a user", Some(&password), "/maybe", known, "ana"),
        ("a user", Some(&password), "/claims", forbidden, ""),
        ("a user", Some(&password), "/maybe-claims", known, "none"),
        ("a misfit", Some(&misfit), "/identity", known, "ci"),
        ("a misfit", Some(&misfit), "/claims", forbidden, ""),
        ("a misfit", Some(&misfit), "/maybe-claims", forbidden, ""),
        ("out of range", Some(&too_high), "/claims", forbidden, ""),
        ("nobody", None, "/identity", 401, ""),
        ("nobody", None, "/maybe", known, "nobody"),
        ("nobody", None, "/claims", 401, ""),
        ("nobody", None, "/maybe-claims", known, "none"),
        ("nobody", None, "/result", known, "no credential"),
        (
            "a misfit",
            Some(&misfit),
            "/result",
            known,
            "the claims of the token do not fit",
        ),
    ] {
        let headers: Vec<_> = authorization
            .iter()
            .map(|field| ("authorization", field.as_str()))
            .collect();
        let answer = send(service.clone(), get(path, &headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}, {path}");
        if status == known {
            assert_eq!(answer.body, body, "{name}, {path}");
            continue;
        }
        let expected = match status {
            401 => (RefusalKind::Missing, 2),
            _ => (RefusalKind::Forbidden, 0),
        };
        let challenges = answer.all("www-authenticate").len();
        assert_eq!(
            (kind(&answer).unwrap(), challenges),
            expected,
            "{name}, {path}"
        );
        assert!(
            !format!("{answer:?}").contains("s3cret-team"),
            "{name}, {path}"
        );
    }
}

#[tokio::test]
async fn extractors_refuse_anonymous_requests_as_the_layer_does() {
    let gate = GateLayer::new(Optional::new(methods())).with_refusal_response(
        |head, _, response: Response<Bytes>| response.map(|_| format!("no {}", head.uri).into()),
    );
    let by_layer = ServiceBuilder::new()
        .layer(gate.clone())
        .layer(RequireScopeLayer::signed_in())
        .service(echo());
    let by_layer = send(by_layer, get("/identity", &[])).await;
    let by_extractor = send(gate.layer(router()), get("/identity", &[])).await;
    assert_eq!(by_extractor.status, 401);
    assert_eq!(by_extractor.body, "no /identity");
    assert_eq!(by_extractor.status, by_layer.status);
    assert_eq!(by_extractor.body, by_layer.body);
    assert_eq!(
        by_extractor.all("www-authenticate"),
        by_layer.all("www-authenticate")
    );
    assert_eq!(
        by_extractor.header("cache-control"),
        by_layer.header("cache-control")
    );
    assert_eq!(kind(&by_extractor), kind(&by_layer));
}

#[tokio::test]
async fn without_a_gate_every_extractor_is_500() {
    let jwt = bearer(&claims());
    for path in ["/identity", "/maybe", "/claims", "/maybe-claims"] {
        for headers in [&[][..], &[("authorization", &*jwt)]] {
            let answer = send(router(), get(path, headers)).await;
            assert_eq!(answer.status, 500, "{path}");
            assert_eq!(kind(&answer), Some(RefusalKind::Misconfigured), "{path}");
            assert!(answer.all("www-authenticate").is_empty(), "{path}");
        }
    }
}

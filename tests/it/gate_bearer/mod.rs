//! The common part of the layers for tokens: carriers, and refusals by RFC 6750.

mod carriers;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, Method, Request, Response};
use http_body_util::Full;
use portcullis::gate::{
    Admission, AnyOf, Carrier, Decision, Identity, PublicPaths, Refusal, RefusalKind,
    RefusalReason, RequireScopeLayer, ScopePolicy, TokenFromPath, Verdict,
};
use portcullis::{Secret, TokenAuthLayer};
use tower::{Layer, ServiceBuilder, service_fn};

use crate::support::{Answer, Echo, basic, echo, get, send, through};

/// The verdict on a token of these tests; after `later-`, the same one comes later.
fn worth(token: &str) -> Option<Verdict> {
    let ana = || Identity::new("test", "ana").with_scopes(["read", "write:all"]);
    Some(match token.strip_prefix("later-").unwrap_or(token) {
        "good" => Verdict::Admit(Admission::new(ana())),
        "anyone" => Verdict::Admit(Admission::anonymous()),
        "revoked" => Verdict::Refuse(Refusal::invalid("revoked")),
        "gone" => Verdict::Refuse(Refusal::missing()),
        "broken" => Verdict::Refuse(Refusal::malformed("broken")),
        "down" => Verdict::Refuse(Refusal::unavailable("no store")),
        "closed" => Verdict::Refuse(Refusal::misconfigured("no keys")),
        "odd" => Verdict::Refuse(Refusal::insufficient_scope("a\nb")),
        _ => return None,
    })
}

fn verify(token: &str) -> Decision {
    match worth(token) {
        None => Decision::Absent,
        Some(verdict) if token.starts_with("later-") => Decision::later(async move {
            tokio::task::yield_now().await;
            verdict
        }),
        Some(verdict) => Decision::Now(verdict),
    }
}

fn layer() -> TokenAuthLayer {
    TokenAuthLayer::new("packages", verify).unwrap()
}

fn carriers() -> Vec<(&'static str, Carrier)> {
    vec![
        ("bearer", Carrier::bearer()),
        ("basic", Carrier::basic_password()),
        (
            "header",
            Carrier::header(HeaderName::from_static("x-token")),
        ),
        ("cookie", Carrier::cookie("sid").unwrap()),
        ("query", Carrier::insecure_query("token").unwrap()),
        ("path", Carrier::path_token()),
    ]
}

fn everywhere() -> TokenAuthLayer {
    layer()
        .with_carriers(carriers().into_iter().map(|(_, carrier)| carrier))
        .unwrap()
}

/// Puts a token into the carrier of this name.
fn put(request: &mut Request<Body>, carrier: &str, token: &str) {
    let mut header = |name: &'static str, value: String| {
        request.headers_mut().append(name, value.parse().unwrap());
    };
    match carrier {
        "bearer" => header("authorization", format!("Bearer {token}")),
        "basic" => header("authorization", basic("any", token)),
        "header" => header("x-token", token.to_owned()),
        "cookie" => header("cookie", format!("a=1; sid={token}")),
        "query" => *request.uri_mut() = format!("/x?a=1&token={token}").parse().unwrap(),
        "path" => {
            let token = TokenFromPath::new(Secret::new(token));
            request.extensions_mut().insert(token);
        }
        other => panic!("{other}"),
    }
}

fn carrying(carrier: &str, token: &str) -> Request<Body> {
    let mut request = get("/x?a=1", &[]);
    put(&mut request, carrier, token);
    request
}

/// The `WWW-Authenticate` lines as another parser reads them: one challenge a line.
fn parsed(answer: &Answer) -> Vec<(String, Vec<(String, String)>)> {
    let lines = answer.all("www-authenticate");
    let read = lines.iter().map(|line| {
        let [challenge] = &http_auth::parse_challenges(line).unwrap()[..] else {
            panic!("{line:?} should be one challenge");
        };
        let params = challenge.params.iter();
        let params = params.map(|(name, value)| ((*name).to_owned(), value.to_unescaped()));
        (challenge.scheme.to_owned(), params.collect())
    });
    read.collect()
}

fn kind(answer: &Answer) -> RefusalKind {
    answer.extensions.get::<RefusalReason>().unwrap().kind()
}

const BASIC: (&str, &[(&str, &str)]) = ("Basic", &[("realm", "packages"), ("charset", "UTF-8")]);

/// The challenges of a refusal: the Bearer line with this `error`, the Basic line on 401 alone.
fn expected(status: u16, error: Option<&str>) -> Vec<(String, Vec<(String, String)>)> {
    let own = |(scheme, params): (&str, &[(&str, &str)])| {
        let params = params.iter();
        let params = params.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        (scheme.to_owned(), params.collect())
    };
    let mut params = vec![("realm", "packages")];
    params.extend(error.map(|error| ("error", error)));
    match status {
        401 => vec![own(("Bearer", &params)), own(BASIC)],
        400 | 403 => vec![own(("Bearer", &params))],
        _ => vec![],
    }
}

#[tokio::test]
async fn challenges_differ_by_kind_as_rfc_6750_requires() {
    let (token, request) = (Some("invalid_token"), Some("invalid_request"));
    let basic = |token: &str| basic("__token__", token);
    for (name, authorization, status, error) in [
        ("no credentials", vec![], 401, None),
        ("another scheme", vec!["Digest x".into()], 401, None),
        ("good", vec!["Bearer good".into()], 200, None),
        ("scheme in any case", vec!["bEARER good".into()], 200, None),
        ("as a password", vec![basic("good")], 200, None),
        ("good later", vec!["Bearer later-good".into()], 200, None),
        ("revoked", vec!["Bearer revoked".into()], 401, token),
        ("revoked later", vec![basic("later-revoked")], 401, token),
        ("gone later", vec!["Bearer later-gone".into()], 401, token),
        ("nobody's", vec!["Bearer whatever".into()], 401, token),
        ("nobody's password", vec![basic("whatever")], 401, token),
        ("no password", vec![basic("")], 401, token),
        ("not base64", vec!["Basic ???".into()], 401, token),
        ("no token", vec!["Bearer".into()], 400, request),
        ("not a b64token", vec!["Bearer a b".into()], 400, request),
        ("broken", vec!["Bearer broken".into()], 400, request),
        (
            "two fields",
            vec!["Bearer good".into(), "Bearer good".into()],
            400,
            request,
        ),
        (
            "two schemes",
            vec!["Bearer good".into(), basic("good")],
            400,
            request,
        ),
        ("no store", vec!["Bearer down".into()], 503, None),
        ("no store later", vec![basic("later-down")], 503, None),
        ("no keys", vec!["Bearer closed".into()], 500, None),
    ] {
        let headers: Vec<_> = authorization
            .iter()
            .map(|field: &String| ("authorization", field.as_str()))
            .collect();
        let answer = through(&layer(), get("/", &headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert_eq!(parsed(&answer), expected(status, error), "{name}");
        assert_eq!(answer.passed(), status == 200, "{name}");
        let lines = answer.all("www-authenticate").join("\n");
        assert!(!lines.contains("error_description"), "{name}");
    }
}

#[tokio::test]
async fn insufficient_scope_names_all_required_scopes() {
    let policy = |scopes: &[&str]| ScopePolicy::all_of(scopes).unwrap();
    for (name, policy, status, scope) in [
        ("has it", policy(&["read"]), 200, ""),
        ("has both", policy(&["write:all", "read"]), 200, ""),
        ("lacks one", policy(&["read", "delete"]), 403, "read delete"),
        ("a part of one", policy(&["write"]), 403, "write"),
        (
            "nested, has it",
            policy(&["delete"]).or(policy(&["read"]).and(policy(&["write:all"]))),
            200,
            "",
        ),
        (
            "nested, lacks it",
            policy(&["read", "a"])
                .or(policy(&["b"]))
                .and(policy(&["a", "c"])),
            403,
            "read a b c",
        ),
    ] {
        for token in ["good", "later-good"] {
            let within = layer().with_required_scopes(policy.clone());
            let further_in = ServiceBuilder::new()
                .layer(layer())
                .layer(RequireScopeLayer::new(policy.clone()))
                .service(echo());
            for (place, answer) in [
                (
                    "in the layer",
                    through(&within, carrying("bearer", token)).await,
                ),
                (
                    "further in",
                    send(further_in, carrying("basic", token)).await,
                ),
            ] {
                let row = format!("{name}, {token}, {place}");
                assert_eq!(answer.status.as_u16(), status, "{row}");
                if status == 200 {
                    assert!(answer.passed(), "{row}");
                    continue;
                }
                let line = format!(
                    "Bearer realm=\"packages\", error=\"insufficient_scope\", scope=\"{scope}\""
                );
                assert_eq!(answer.all("www-authenticate"), [line], "{row}");
                assert_eq!(parsed(&answer)[0].1[2], ("scope".into(), scope.into()));
                assert_eq!(kind(&answer), RefusalKind::InsufficientScope, "{row}");
            }
        }
    }
    // A verifier that admits without a name grants no scope.
    let nobody = layer().with_required_scopes(policy(&["read"]));
    for token in ["anyone", "later-anyone"] {
        assert_eq!(
            through(&layer(), carrying("bearer", token)).await.status,
            200
        );
        assert_eq!(
            through(&nobody, carrying("bearer", token)).await.status,
            403
        );
    }
    // With a scope that a challenge cannot have, the attribute is missing, not the challenge.
    let odd = through(&layer(), carrying("bearer", "odd")).await;
    assert_eq!(parsed(&odd), expected(403, Some("insufficient_scope")));
}

#[tokio::test]
async fn every_bearer_line_names_the_metadata() {
    let url = "https://packages.example/.well-known/oauth-protected-resource/simple";
    let layer = layer().with_resource_metadata(url).unwrap();
    let policy = ScopePolicy::all_of(["delete"]).unwrap();
    let metadata = format!("resource_metadata=\"{url}\"");
    let bearer = "Bearer realm=\"packages\"";
    for (token, line) in [
        ("", format!("{bearer}, {metadata}")),
        (
            "revoked",
            format!("{bearer}, error=\"invalid_token\", {metadata}"),
        ),
        (
            "broken",
            format!("{bearer}, error=\"invalid_request\", {metadata}"),
        ),
        (
            "good",
            format!("{bearer}, error=\"insufficient_scope\", scope=\"delete\", {metadata}"),
        ),
    ] {
        let request = match token {
            "" => get("/", &[("host", "attacker.example")]),
            token => carrying("bearer", token),
        };
        let answer = through(&layer.clone().with_required_scopes(policy.clone()), request).await;
        assert_eq!(answer.all("www-authenticate")[0], line, "{token:?}");
        let (scheme, params) = &parsed(&answer)[0];
        assert_eq!(scheme, "Bearer");
        assert!(params.contains(&("resource_metadata".into(), url.into())));
    }
    let down = through(&layer, carrying("bearer", "down")).await;
    assert!(down.all("www-authenticate").is_empty());
}

#[tokio::test]
async fn one_line_keeps_the_parameters_of_each_method() {
    let on = |carrier: Carrier| layer().with_carriers([carrier]).unwrap();
    let header = || on(Carrier::header(HeaderName::from_static("x-token")));
    let url = "https://packages.example/m";
    let bearer = || on(Carrier::bearer()).with_resource_metadata(url).unwrap();
    for (order, gate) in [
        ("header first", AnyOf::new((header(), bearer())).unwrap()),
        ("bearer first", AnyOf::new((bearer(), header())).unwrap()),
    ] {
        for (name, request, error) in [
            ("nothing", get("/", &[]), None),
            (
                "header",
                carrying("header", "revoked"),
                Some("invalid_token"),
            ),
            (
                "bearer",
                carrying("bearer", "revoked"),
                Some("invalid_token"),
            ),
            (
                "no b64token",
                get("/", &[("authorization", "Bearer ?")]),
                Some("invalid_request"),
            ),
        ] {
            let answer = through(&gate, request).await;
            let [(scheme, params)] = &parsed(&answer)[..] else {
                panic!("{order}, {name}: one line for a scheme and a realm");
            };
            assert_eq!(scheme, "Bearer");
            let param = |name: &str| {
                let found = params.iter().find(|(other, _)| other == name);
                found.map(|(_, value)| value.as_str())
            };
            assert_eq!(param("realm"), Some("packages"), "{order}, {name}");
            assert_eq!(param("error"), error, "{order}, {name}");
            assert_eq!(param("resource_metadata"), Some(url), "{order}, {name}");
            assert_eq!(params.len(), 2 + usize::from(error.is_some()));
        }
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    assert_eq!(
        TokenAuthLayer::new("caf\u{e9}", verify)
            .unwrap_err()
            .setting(),
        "realm"
    );
    for (name, carriers) in [
        ("none", vec![]),
        (
            "twice",
            vec![Carrier::bearer(), Carrier::path_token(), Carrier::bearer()],
        ),
    ] {
        let error = layer().with_carriers(carriers).unwrap_err();
        assert_eq!(error.setting(), "carriers", "{name}");
    }
    for (url, taken) in [
        ("https://packages.example/.well-known/x", true),
        ("http://localhost:8080/x", true),
        ("http://127.0.0.1/x", true),
        ("http://[::1]:80/x", true),
        ("http://packages.example/x", false),
        ("http://localhost.example/x", false),
        ("http://127.0.0.1.example/x", false),
        ("ftp://localhost/x", false),
        ("/.well-known/x", false),
        ("packages.example", false),
        ("https://user@packages.example/x", false),
        ("https://packages.example/x#part", false),
        ("https://packages.example/a b", false),
        ("https://packages.example/caf\u{e9}", false),
        ("https://packages.example/\"x", false),
        ("", false),
    ] {
        let layer = layer().with_resource_metadata(url);
        assert_eq!(layer.is_ok(), taken, "{url}");
        if let Err(error) = layer {
            assert_eq!(error.setting(), "resource_metadata", "{url}");
        }
    }
}

#[test]
fn a_layer_prints_its_settings() {
    let layer = layer().with_required_scopes(ScopePolicy::all_of(["read"]).unwrap());
    assert_eq!(
        format!("{layer:?}"),
        "TokenAuthLayer { challenge: \"Bearer realm=\\\"packages\\\"\", carriers: \
         [Carrier(Bearer), Carrier(BasicPassword)], required: Some(all_of(\"read\")), .. }"
    );
}

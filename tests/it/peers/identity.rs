//! Identity providers of other makers: their metadata, their keys and their access tokens.

use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use portcullis::JwksKeys;
use portcullis::gate::ScopePolicy;
use portcullis::jwt::{JwtVerifier, TrustedIssuer};
use portcullis::jwt_scope::JwtScopeLayer;
use portcullis::upstream::{FetchClient, ReqwestClient};

use super::folder::Folder;
use super::server::{Daemon, free_ports};
use crate::support::clock::StandingClock;
use crate::support::{basic, get, through};

const AUDIENCE: &str = "https://packages.example";
const OTHER_AUDIENCE: &str = "https://other.example";

/// How a provider is started, and asked for a token.
struct Maker {
    /// On this port, with a key of its own; the folder is its own, the last is a name for the key.
    command: fn(u16, &Folder, &str) -> Command,
    form: &'static str,
    /// Whether its access tokens keep to RFC 9068.
    strict: bool,
    /// Of the tokens that it gives.
    scopes: Option<&'static str>,
}

const OIDC_PROVIDER: Maker = Maker {
    command: |port, _, kid| {
        let mut node = Command::new("node");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/peers/provider.mjs");
        node.args([script, &port.to_string(), kid]);
        node
    },
    form: "grant_type=client_credentials&scope=packages%3Aread\
           &resource=https%3A%2F%2Fpackages.example",
    strict: true,
    scopes: Some("packages:read"),
};

const NANOIDP: Maker = Maker {
    command: |port, folder, _| {
        let settings = format!(
            r#"{{"config_version": 1, "server": {{"host": "127.0.0.1", "port": {port}}},
                "oauth": {{"issuer": "http://127.0.0.1:{port}", "audience": "{AUDIENCE}",
                "clients": [{{"client_id": "ci", "client_secret": "peer-secret"}}]}}}}"#
        );
        std::fs::write(folder.path().join("settings.yaml"), settings).unwrap();
        std::fs::write(folder.path().join("users.yaml"), "users: {}").unwrap();
        let mut nanoidp = Command::new("nanoidp");
        nanoidp.args(["--config", ".", "--port", &port.to_string()]);
        nanoidp.current_dir(folder.path());
        nanoidp
    },
    form: "grant_type=client_credentials",
    strict: false,
    scopes: None,
};

/// A provider that runs. Fields are dropped in this order.
struct Provider {
    _process: Daemon,
    _folder: Folder,
}

impl Maker {
    async fn start(&self, port: u16, kid: &str, keys: &JwksKeys) -> Provider {
        let folder = Folder::new();
        let provider = Provider {
            _process: Daemon::start(&mut (self.command)(port, &folder, kid)),
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while let Err(error) = keys.fetch().await {
            assert!(Instant::now() < deadline, "{error:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        provider
    }

    async fn token(&self, issuer: &str) -> String {
        let request = Request::post(format!("{issuer}/token"))
            .header("authorization", basic("ci", "peer-secret"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(self.form))
            .unwrap();
        let client = ReqwestClient::new().unwrap();
        let answer = client.fetch(request, 65536).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.body());
        let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    fn layer(&self, issuer: &str, audience: &str, keys: &JwksKeys) -> JwtScopeLayer {
        let trusted = TrustedIssuer::new(issuer, [audience], keys.clone()).unwrap();
        let trusted = if self.strict {
            trusted.with_access_token_profile()
        } else {
            trusted
        };
        let verifier = JwtVerifier::new([trusted]).unwrap();
        let layer = JwtScopeLayer::new("packages", verifier).unwrap();
        match self.scopes {
            Some(scope) => layer.with_required_scopes(ScopePolicy::all_of([scope]).unwrap()),
            None => layer,
        }
    }
}

async fn status(layer: &JwtScopeLayer, token: &str) -> u16 {
    let field = format!("Bearer {token}");
    let answer = through(layer, get("/", &[("authorization", &field)])).await;
    assert_eq!(answer.passed(), answer.status == StatusCode::OK);
    answer.status.as_u16()
}

/// The token with one bit of its signature changed.
fn tampered(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (first, rest) = signature.split_at(1);
    let first = if first == "A" { "B" } else { "A" };
    format!("{signed}.{first}{rest}")
}

async fn its_tokens_are_judged(maker: Maker) {
    let [port] = free_ports();
    let issuer = format!("http://127.0.0.1:{port}");
    let clock = StandingClock::new();
    let keys = JwksKeys::discover(&issuer).unwrap();
    let keys = keys.with_clock(clock.clone());
    let layer = maker.layer(&issuer, AUDIENCE, &keys);
    let other = maker.layer(&issuer, OTHER_AUDIENCE, &keys);

    let provider = maker.start(port, "first", &keys).await;
    let old = maker.token(&issuer).await;
    for (name, layer, token, expected) in [
        ("the right one", &layer, &old, 200),
        ("one for somebody else", &other, &old, 401),
        ("one that was tampered with", &layer, &tampered(&old), 401),
    ] {
        assert_eq!(status(layer, token).await, expected, "{name}");
    }

    // The next key, on the same port. The gateway's own keys are those of before.
    drop(provider);
    let stranger = JwksKeys::discover(&issuer).unwrap();
    let provider = maker.start(port, "second", &stranger).await;
    let new = maker.token(&issuer).await;
    for (name, pass, token, expected) in [
        ("the old one before a fetch", 0, &old, 200),
        ("a new one in the cooldown", 0, &new, 401),
        ("a new one", 30, &new, 200),
        ("a new one that was tampered with", 0, &tampered(&new), 401),
        ("the old one", 0, &old, 401),
    ] {
        clock.advance(Duration::from_secs(pass));
        assert_eq!(status(&layer, token).await, expected, "{name}");
    }

    drop(provider);
    clock.advance(Duration::from_secs(30));
    assert_eq!(status(&layer, &new).await, 200, "without the provider");
    assert_eq!(status(&layer, &old).await, 503, "without the provider");
    clock.advance(Duration::from_hours(24));
    assert_eq!(status(&layer, &new).await, 503, "a day without it");
}

#[tokio::test]
#[ignore = "needs `node` and oidc-provider of npm, in NODE_PATH"]
async fn tokens_of_oidc_provider_pass_by_published_keys() {
    its_tokens_are_judged(OIDC_PROVIDER).await;
}

#[tokio::test]
#[ignore = "needs `nanoidp` of PyPI"]
async fn tokens_of_nanoidp_pass_by_published_keys() {
    its_tokens_are_judged(NANOIDP).await;
}

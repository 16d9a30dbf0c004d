//! The cost of a request whose session is sealed in its cookie.
//!
//! ```text
//! cargo bench --bench sso --features full
//! ```

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "the provider and the browser are those of the tests"
)]

#[path = "../tests/it/support/mod.rs"]
mod support;

use std::convert::Infallible;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use divan::{AllocProfiler, Bencher, Divan, black_box};
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use portcullis::SsoLayer;
use portcullis::gate::{Authenticator, Decision, Verdict};
use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, PublicUrl};
use support::browser::Browser;
use support::clock::StandingClock;
use support::fake_sso::FakeSso;
use tower::{Layer, service_fn};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    Divan::default().config_with_args().main();
}

/// A session with a name, an e-mail address and two groups.
fn signed_in() -> (SsoLayer, Parts) {
    let clock = StandingClock::new();
    let provider = FakeSso::openid(clock.clone());
    let url = PublicUrl::new("https://files.example.com").unwrap();
    let keys = CookieKeys::random();
    let list = AllowList::new().with_domains(["example.com"]).unwrap();
    let layer = SsoLayer::new("files", provider.provider(), url, keys, list).unwrap();
    let layer = layer.with_clock(clock.clone());
    let site = layer.layer(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    let mut browser = Browser::new("https://files.example.com", site, &provider, &clock);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(browser.open("/"));
    let head = support::head(&[("cookie", &browser.cookie_header())]);
    (layer, head)
}

/// The whole decision: opens and reads the cookie, checks the lifetime and the allow-list.
#[divan::bench(sample_count = 1000, sample_size = 100)]
fn decide(bencher: Bencher<'_, '_>) {
    let (layer, head) = signed_in();
    let decision = layer.authenticate(&head);
    assert!(matches!(decision, Decision::Now(Verdict::Admit(_))));
    bencher.bench_local(|| layer.authenticate(black_box(&head)));
}

/// Decodes and opens as many bytes as that cookie has: the lower bound.
#[divan::bench(sample_count = 1000, sample_size = 100)]
fn open_alone(bencher: Bencher<'_, '_>) {
    let (_, head) = signed_in();
    let cookie = head.headers["cookie"].to_str().unwrap();
    let (_, value) = cookie.split_once('=').unwrap();
    let length = URL_SAFE_NO_PAD.decode(value).unwrap().len() - 1 - 12 - 16;
    let key = Arc::new(LessSafeKey::new(
        UnboundKey::new(&AES_256_GCM_SIV, &[7; 32]).unwrap(),
    ));
    let nonce = || Nonce::assume_unique_for_key([9; 12]);
    let mut sealed = vec![b'x'; length];
    key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut sealed)
        .unwrap();
    let sealed = URL_SAFE_NO_PAD.encode(sealed);
    bencher.bench_local(|| {
        let mut opened = URL_SAFE_NO_PAD.decode(black_box(&sealed)).unwrap();
        key.open_in_place(nonce(), Aad::empty(), &mut opened)
            .unwrap();
        opened
    });
}

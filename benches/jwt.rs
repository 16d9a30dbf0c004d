//! The cost of a token: one that was verified before, and one that must be verified.
//!
//! ```text
//! cargo bench --bench jwt --features full
//! ```

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "the issuer is that of the tests"
)]

#[path = "../tests/it/support/issuer.rs"]
mod issuer;

use divan::{AllocProfiler, Bencher, Divan};
use http::Request;
use http::request::Parts;
use issuer::{claims_with, issuer};
use portcullis::JwtScopeLayer;
use portcullis::gate::{Authenticator, Decision, ScopePolicy, TokenVerifier, Verdict};
use portcullis::jwt::Algorithm;
use serde_json::json;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    Divan::default().config_with_args().main();
}

/// About 800 bytes, RS256, with the claims of a typical issuer.
fn token(algorithm: Algorithm) -> String {
    let claims = claims_with(json!({
        "sub": "auth0|64f1c2d3e4b5a69788776655",
        "azp": "kZ8vQ2mN4rT6yU9wX1cE3bA5dF7gH0jL",
        "jti": "0b0e8a53-6a5f-4c0e-9a53-4f8f6f0d9f11",
        "name": "Ana Example",
        "email": "ana@example.com",
        "groups": ["staff", "packagers"],
        "scope": "openid profile read list",
    }));
    issuer().token(algorithm, &claims)
}

fn head(token: &str) -> Parts {
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    request.body(()).unwrap().into_parts().0
}

fn layer(capacity: usize) -> JwtScopeLayer {
    let verifier = issuer().verifier().with_cache_capacity(capacity);
    let layer = JwtScopeLayer::new("packages", verifier).unwrap();
    layer.with_required_scopes(ScopePolicy::all_of(["read"]).unwrap())
}

fn is_admitted(decision: &Decision) -> bool {
    matches!(decision, Decision::Now(Verdict::Admit(_)))
}

/// The verifier alone, with a token that it has verified before.
#[divan::bench(sample_count = 1000, sample_size = 100)]
fn known(bencher: Bencher<'_, '_>) {
    let (verifier, token) = (issuer().verifier(), token(Algorithm::Rs256));
    assert!(is_admitted(&verifier.verify(&token)));
    bencher.bench_local(|| verifier.verify(&token));
}

/// Like [`known`], on two threads at once.
#[divan::bench(threads = [2], sample_count = 1000, sample_size = 100)]
fn known_by_two(bencher: Bencher<'_, '_>) {
    let (verifier, token) = (issuer().verifier(), token(Algorithm::Rs256));
    assert!(is_admitted(&verifier.verify(&token)));
    bencher.bench(|| verifier.verify(&token));
}

/// The whole decision of the layer: the carriers, the token, the scope.
#[divan::bench(sample_count = 1000, sample_size = 100)]
fn known_to_the_layer(bencher: Bencher<'_, '_>) {
    let (layer, head) = (layer(4096), head(&token(Algorithm::Rs256)));
    assert!(is_admitted(&layer.authenticate(&head)));
    bencher.bench_local(|| layer.authenticate(&head));
}

/// A token that is verified each time, like one that is seen for the first time.
#[divan::bench(args = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa], sample_count = 100, sample_size = 10)]
fn unknown(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let verifier = issuer().verifier().with_cache_capacity(0);
    let token = token(algorithm);
    assert!(is_admitted(&verifier.verify(&token)));
    bencher.bench_local(|| verifier.verify(&token));
}

/// Tokens with wrong signatures: the cost of each in a flood of forged ones.
#[divan::bench(args = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa], sample_count = 100, sample_size = 10)]
fn forged(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let verifier = issuer().verifier();
    let token = token(algorithm);
    let (input, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{input}.{other}{}", &signature[1..]);
    assert!(!is_admitted(&verifier.verify(&forged)));
    bencher.bench_local(|| verifier.verify(&forged));
}

//! An axum app behind JSON web tokens: `cargo run --example jwt_scope --features axum,jwks` with
//! `ISSUER` and `AUDIENCE` set, then
//! `curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:3000/whoami`.

use axum::Router;
use axum::routing::get;
use portcullis::extract::Claims;
use portcullis::gate::{Identity, RequireScopeLayer};
use portcullis::jwt::{JwtVerifier, TrustedIssuer};
use portcullis::{JwksKeys, JwtScopeLayer};
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct Profile {
    email: Option<String>,
}

async fn whoami(identity: Identity, Claims(profile): Claims<Profile>) -> String {
    let email = profile.email.unwrap_or("no address".into());
    format!("{} <{email}>\n", identity.subject())
}

async fn release(identity: Identity) -> String {
    format!("released by {}\n", identity.subject())
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [issuer, audience] = [variable("ISSUER")?, variable("AUDIENCE")?];
    // The issuer's metadata names the URL of its keys. They are fetched with the first token.
    let keys = JwksKeys::discover(&issuer)?;
    let issuer = TrustedIssuer::new(issuer, [audience], keys)?;
    let gate = JwtScopeLayer::new("releases", JwtVerifier::new([issuer])?)?;

    let writers = RequireScopeLayer::scope("releases:write")?;
    let app = Router::new()
        .route("/release", get(release).layer(writers))
        .route("/whoami", get(whoami))
        .layer(gate);

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

//! An axum app with browser sign-in for people and tokens for scripts. Set `OIDC_ISSUER`,
//! `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET` and `ALLOWED_DOMAIN`, register
//! `http://127.0.0.1:3000/oauth2/callback` with the provider, run
//! `cargo run --example sso --features axum,sso,token`, and open `http://127.0.0.1:3000/`.

use axum::Router;
use axum::routing::get;
use portcullis::extract::Claims;
use portcullis::gate::{AnyOf, Identity};
use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, Provider, PublicUrl};
use portcullis::token::{NewToken, TokenFile, TokenFormat, Tokens};
use portcullis::{CanonicalPathLayer, Secret, SsoLayer, TokenAuthLayer};
use serde::Deserialize;
use tokio::net::TcpListener;
use tower::ServiceBuilder;

#[derive(Deserialize)]
struct Person {
    email: String,
}

async fn hello(identity: Identity, person: Option<Claims<Person>>) -> String {
    match person {
        Some(Claims(person)) => format!("Hello, {}!\n", person.email),
        None => format!("Hello, {}!\n", identity.subject()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the example is configured by the environment"
)]
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}

fn people(url: &str) -> Result<SsoLayer, Box<dyn std::error::Error>> {
    let secret = Secret::new(variable("OIDC_CLIENT_SECRET")?);
    let client_id = variable("OIDC_CLIENT_ID")?;
    let provider = Provider::discover(&variable("OIDC_ISSUER")?, client_id, secret)?;
    let allowed = AllowList::new().with_domains([variable("ALLOWED_DOMAIN")?])?;
    // Sessions end with the process. For lasting ones, load the key from where you keep other secrets.
    let keys = CookieKeys::random();
    let url = PublicUrl::new(url)?;
    Ok(SsoLayer::new("hello", provider, url, keys, allowed)?)
}

fn robots(file: &str) -> Result<TokenAuthLayer, Box<dyn std::error::Error>> {
    let file = TokenFile::open_or_create(file)?;
    if file.list()?.is_empty() {
        let token = file.issue(&TokenFormat::default(), NewToken::new("robot"))?;
        println!("token of robot (shown only once): {}", token.expose());
    }
    Ok(TokenAuthLayer::new("hello", Tokens::new(file))?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or("127.0.0.1:3000".into());
    let file = arguments.next().unwrap_or("tokens.json".into());
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}", listener.local_addr()?);

    // Around the whole router, since the callback is not one of its routes.
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(AnyOf::new((robots(&file)?, people(&url)?))?)
        .service(Router::new().route("/", get(hello)));
    let app = Router::new().fallback_service(stack);

    println!("listening on {url}");
    axum::serve(listener, app).await?;
    Ok(())
}

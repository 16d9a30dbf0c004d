//! An axum app behind tokens that it issues, which conda sends in the path:
//! `cargo run --example token_auth --features axum,token` prints one, then
//! `curl -u "any:$TOKEN" http://127.0.0.1:3000/` and `curl "http://127.0.0.1:3000/t/$TOKEN/"`.

use axum::Router;
use axum::routing::get;
use portcullis::gate::{Carrier, Identity};
use portcullis::token::{NewToken, TokenFile, TokenFormat, Tokens};
use portcullis::{CanonicalPathLayer, PathTokenLayer, TokenAuthLayer};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

async fn hello(identity: Identity) -> String {
    format!("Hello, {}!\n", identity.subject())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or("127.0.0.1:3000".into());
    let file = arguments.next().unwrap_or("tokens.json".into());
    let file = TokenFile::open_or_create(file)?;
    if file.list()?.is_empty() {
        let token = file.issue(&TokenFormat::default(), NewToken::new("robot"))?;
        println!("the token of robot, shown only once: {}", token.expose());
    }
    let carriers = [
        Carrier::bearer(),
        Carrier::basic_password(),
        Carrier::path_token(),
    ];
    let gate = TokenAuthLayer::new("robots", Tokens::new(file))?.with_carriers(carriers)?;

    let app = Router::new().route("/", get(hello)).layer(gate);
    // Outside of the router, which reads the path.
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(PathTokenLayer::new())
        .service(app);
    let app = Router::new().fallback_service(stack);

    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

//! An axum app behind Basic auth: `cargo run --example basic_auth --features basic-auth`, then
//! `curl -u ana:'open sesame' http://127.0.0.1:3000/`.

use axum::routing::get;
use axum::{Extension, Router};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::Identity;
use tokio::net::TcpListener;

async fn hello(Extension(identity): Extension<Identity>) -> String {
    format!("Hello, {}!\n", identity.subject())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let users = FixedUsers::new([("ana", "open sesame"), ("bob", "correct horse")])?;
    let gate = BasicAuthLayer::new("friends", users)?;

    // `Router::layer` guards the routes added before it, so it must come last.
    let app = Router::new().route("/", get(hello)).layer(gate);

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

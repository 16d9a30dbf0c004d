//! A service that knows only files answers for folders:
//! `cargo run --example index_rewrite --features index-rewrite`, then
//! `curl -L http://127.0.0.1:3000/docs`.

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use portcullis::{CanonicalPathLayer, IndexRewriteLayer};
use tokio::net::TcpListener;
use tower::ServiceBuilder;

/// Stands for any store of files: it tells which one is asked for.
async fn file(request: Request) -> String {
    format!("{}\n", request.uri().path())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(IndexRewriteLayer::new().with_slash_redirect())
        .service(any(file));
    // Path layers wrap the whole router: `Router::layer` would run after routing.
    let app = Router::new().fallback_service(stack);

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

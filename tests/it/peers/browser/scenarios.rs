use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use portcullis::Secret;
use portcullis::session::{CookieKeys, SameSite};
use portcullis::sso::{AllowList, Provider, PublicUrl, SsoLayer};
use tokio::net::TcpStream;
use tokio::process::Command as AsyncCommand;

use super::super::server::{Daemon, free_ports};
use super::gateway::Socket;
use crate::support::server::Server;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/peers/browser");

/// Drives a browser through a scenario of `drive.mjs`. The gateway, the provider and a public site are
/// three sites to it.
async fn drive(scenario: &str, configure: impl FnOnce(SsoLayer) -> SsoLayer) {
    let socket = Socket::new().await;
    let gateway = socket.origin();
    let [port] = free_ports();
    let provider = format!("http://localhost:{port}");
    let mut process = Command::new("node");
    process
        .arg(format!("{SCRIPTS}/provider.mjs"))
        .arg(port.to_string())
        .arg(format!("{gateway}/oauth2/callback"))
        .arg(format!("{gateway}/oauth2/logout"));
    let _provider = Daemon::start(&mut process);
    wait_for(port).await;

    let signs_in = Provider::discover(&provider, "gateway", Secret::from("peer-secret")).unwrap();
    let url = PublicUrl::new(&gateway).unwrap();
    let allowed = AllowList::new().with_domains(["example.com"]).unwrap();
    let layer = SsoLayer::new("files", signs_in, url, CookieKeys::random(), allowed).unwrap();
    let served = socket.serve(configure(layer)).await;
    let site = public_site(&gateway).await;

    let mut node = AsyncCommand::new("node");
    node.arg(format!("{SCRIPTS}/drive.mjs"))
        .args([scenario, &gateway, &provider])
        .arg(format!("http://public.localhost:{}", site.address.port()))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_mins(2), node.output());
    let output = output.await.expect("the browser is overdue").unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{scenario}: {said}");
    drop(served);
}

/// Waits until somebody listens.
async fn wait_for(port: u16) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while let Err(error) = TcpStream::connect(("127.0.0.1", port)).await {
        assert!(Instant::now() < deadline, "the provider: {error}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A page that anybody may see, with thirty images of the gateway.
async fn public_site(gateway: &str) -> Server {
    let images = (0..30).map(|i| format!("<img src=\"{gateway}/image-{i}.svg\">"));
    let page = images.collect::<String>();
    Server::start(Router::new().route("/", get(|| async { Html(page) }))).await
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn a_person_signs_in_and_returns() {
    drive("sign-in", |layer| layer).await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn a_person_signs_out_here_and_there() {
    drive("sign-out", SsoLayer::with_post_logout_redirect).await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn thirty_cross_site_images_sign_in_at_once() {
    drive("images-of-another-site", |layer| {
        layer.with_same_site(SameSite::None).unwrap()
    })
    .await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn cross_site_images_sign_in_on_request_only() {
    drive("images-without-cookies", |layer| layer).await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn thirty_images_without_a_session_sign_in_once() {
    drive("images-of-its-own", |layer| layer).await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn two_tabs_sign_in_in_either_order() {
    drive("two-tabs", |layer| layer).await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn a_video_signs_in_and_plays_by_ranges() {
    drive("video", |layer| layer).await;
}

#[tokio::test]
#[ignore = "needs `chromium`, `node`, and oidc-provider and playwright-core of npm, in NODE_PATH"]
async fn a_denied_person_may_try_again() {
    drive("denial", |layer| layer).await;
}

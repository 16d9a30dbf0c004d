//! Settings that the layer refuses.

use std::time::Duration;

use portcullis::session::{CookieKeys, SameSite};
use portcullis::sso::{AllowList, PublicUrl};
use portcullis::{ConfigError, SsoLayer};

use super::{Fixture, ORIGIN};

fn setting(built: Result<SsoLayer, ConfigError>) -> Option<&'static str> {
    built.err().map(|error| error.setting())
}

type Build = Box<dyn FnOnce(SsoLayer) -> Result<SsoLayer, ConfigError>>;

#[test]
fn wrong_values_are_refused_at_build_time() {
    let fixture = Fixture::new();
    let (second, days) = (Duration::from_secs(1), Duration::from_hours(400 * 24));
    let lifetime = |it: Duration| -> Build { Box::new(move |layer| layer.with_lifetime(it)) };
    let idle = |it: Duration| -> Build { Box::new(move |layer| layer.with_idle_lifetime(it)) };
    let prefix = |it: &'static str| -> Build { Box::new(move |layer| layer.with_route_prefix(it)) };
    let callback =
        |it: &'static str| -> Build { Box::new(move |layer| layer.with_callback_path(it)) };
    let name = |it: &'static str| -> Build { Box::new(move |layer| layer.with_cookie_name(it)) };
    for (row, build, expected) in [
        ("a second", lifetime(second), None),
        ("no time", lifetime(Duration::ZERO), Some("lifetime")),
        ("less than a second", lifetime(second / 2), Some("lifetime")),
        ("400 days", lifetime(days), None),
        ("more than that", lifetime(days + second), Some("lifetime")),
        ("idle for a second", idle(second), None),
        ("never idle", idle(Duration::ZERO), Some("idle lifetime")),
        ("a prefix", prefix("/docs/auth"), None),
        ("a prefix that is encoded", prefix("/a%20b"), None),
        ("no prefix", prefix(""), Some("route prefix")),
        ("the whole site", prefix("/"), Some("route prefix")),
        ("a slash at its end", prefix("/auth/"), Some("route prefix")),
        ("no slash", prefix("auth"), Some("route prefix")),
        ("a dot segment", prefix("/a/../b"), Some("route prefix")),
        ("another spelling", prefix("/%61uth"), Some("route prefix")),
        ("a query", prefix("/auth?x"), Some("route prefix")),
        ("a callback", callback("/__redirect_from_sso"), None),
        ("no callback", callback(""), Some("callback path")),
        (
            "the callback of logins",
            callback("/oauth2/login"),
            Some("callback path"),
        ),
        (
            "the callback of logouts",
            callback("/oauth2/logout"),
            Some("callback path"),
        ),
        (
            "a callback that is encoded otherwise",
            callback("/%62ack"),
            Some("callback path"),
        ),
        ("a name", name("assets_session_id"), None),
        ("no name", name(""), Some("cookie name")),
        ("two words", name("a b"), Some("cookie name")),
        ("a prefix of names", name("__Host-x"), Some("cookie name")),
    ] {
        assert_eq!(setting(build(fixture.layer())), expected, "{row}");
    }
    // The routes must differ, in any order of the setters.
    let layer = fixture.layer().with_callback_path("/docs/login").unwrap();
    assert_eq!(
        setting(layer.with_route_prefix("/docs")),
        Some("callback path")
    );
}

#[test]
fn empty_lists_and_non_ascii_realms_are_refused() {
    let fixture = Fixture::new();
    let build = |realm: &str, allowed| {
        let url = PublicUrl::new(ORIGIN).unwrap();
        SsoLayer::new(
            realm,
            fixture.provider.provider(),
            url,
            CookieKeys::random(),
            allowed,
        )
    };
    assert_eq!(setting(build("files", AllowList::everyone())), None);
    assert_eq!(
        setting(build("files", AllowList::new())),
        Some("allow-list")
    );
    assert_eq!(
        setting(build("caf\u{e9}", AllowList::everyone())),
        Some("realm")
    );
}

#[test]
fn same_site_none_needs_https() {
    let fixture = Fixture::new();
    for (name, url, expected) in [
        ("https", PublicUrl::new(ORIGIN).unwrap(), None),
        (
            "http",
            PublicUrl::new("http://localhost:8000").unwrap(),
            Some("same site"),
        ),
        ("either", PublicUrl::insecure_from_request(), None),
    ] {
        let layer = fixture.layer_at(url);
        assert_eq!(
            setting(layer.clone().with_same_site(SameSite::None)),
            expected,
            "{name}"
        );
        assert_eq!(setting(layer.with_same_site(SameSite::Lax)), None, "{name}");
    }
}

use super::super::PageKind;
use super::*;
use crate::page::STYLE_HASH;
use crate::sso::return_path::ReturnPath;

const KINDS: [(PageKind, u16, &str); 8] = [
    (PageKind::Malformed, 400, "Please start again"),
    (PageKind::Expired, 403, "Please try the original link again"),
    (PageKind::Denied, 403, "please try again"),
    (PageKind::Failed, 403, "Please try again"),
    (
        PageKind::NotAllowed,
        403,
        "ask the people who run this site",
    ),
    (PageKind::Unavailable, 503, "Please try again in a moment"),
    (PageKind::SignOut, 200, "You will have to sign in again"),
    (
        PageKind::SignedOut,
        200,
        "sign out of the sign-in service too",
    ),
];

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

fn field<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    let mut values = response.headers().get_all(name).iter();
    let value = values.next().unwrap_or_else(|| panic!("{name}"));
    assert_eq!(values.next(), None, "{name}");
    value.to_str().unwrap()
}

#[test]
fn every_page_has_status_text_and_action() {
    for (kind, status, words) in KINDS {
        let response = Pages::default().response(&Page::new(kind));
        assert_eq!(response.status(), status, "{kind:?}");
        let retry_after = response.headers().contains_key("retry-after");
        assert_eq!(retry_after, status == 503, "{kind:?}");
        let text = text(&response);
        assert!(text.contains(words), "{kind:?}: {text}");
        let actions = text.matches("<a ").count() + text.matches("<button ").count();
        assert_eq!(actions, 1, "{kind:?}: {text}");
        assert_eq!(
            text.contains("<form"),
            kind == PageKind::SignOut,
            "{kind:?}"
        );
    }
}

#[test]
fn no_page_loads_resources_or_is_cached() {
    for (kind, ..) in KINDS {
        let response = Pages::default().response(&Page::new(kind));
        assert_eq!(field(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(field(&response, "cache-control"), "no-store");
        assert_eq!(field(&response, "referrer-policy"), "no-referrer");
        assert_eq!(field(&response, "x-content-type-options"), "nosniff");
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'"
        );
        assert_eq!(field(&response, "content-security-policy"), policy);
        let text = text(&response);
        for absent in [
            "<script", "<img", "<link", " src=", " style=", " on", "//", "http",
        ] {
            let body = text.replace("an only", "");
            let elements = body
                .split('<')
                .filter_map(|element| element.split_once('>'));
            let inside = elements.map(|(tag, _)| format!("<{tag}"));
            for tag in inside {
                assert!(!tag.contains(absent), "{kind:?}: {absent} in {tag}>");
            }
        }
        assert!(
            text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"),
            "{kind:?}"
        );
        assert!(
            response.body().len() < 2048,
            "{kind:?}: {}",
            response.body().len()
        );
    }
}

#[test]
fn a_page_links_to_the_return_path() {
    for (name, target, link) in [
        ("nowhere", None, "<a href=\"/\">"),
        ("a path", Some("/a?b=c"), "<a href=\"/a?b=c\">"),
        (
            "with markup",
            Some("/\"><script>?a&amp;'"),
            "<a href=\"/&quot;&gt;&lt;script&gt;?a&amp;amp;&#39;\">",
        ),
    ] {
        let mut page = Page::new(PageKind::Expired);
        if let Some(target) = target {
            page = page.with_return_to(&ReturnPath::parse(target).unwrap());
        }
        assert_eq!(page.return_to(), target, "{name}");
        let response = Pages::default().response(&page);
        assert!(
            text(&response).contains(link),
            "{name}: {}",
            text(&response)
        );
    }
}

#[test]
fn only_registered_error_codes_are_shown() {
    for (name, code, shown) in [
        (
            "the person has cancelled",
            "access_denied",
            Some("access_denied"),
        ),
        (
            "of OpenID Connect",
            "login_required",
            Some("login_required"),
        ),
        (
            "of an extension",
            "unmet_authentication_requirements",
            Some("unmet_authentication_requirements"),
        ),
        ("in capitals", "ACCESS_DENIED", None),
        ("a message", "your password was stolen, call us", None),
        ("markup", "<script>alert(1)</script>", None),
        ("nothing", "", None),
    ] {
        let page = Page::new(PageKind::Denied).with_provider_error(code);
        assert_eq!(page.provider_error(), shown, "{name}");
        let response = Pages::default().response(&page);
        let says = text(&response).contains("The sign-in service reported");
        assert_eq!(says, shown.is_some(), "{name}");
        assert_eq!(
            !code.is_empty() && text(&response).contains(code),
            shown.is_some(),
            "{name}"
        );
    }
}

#[test]
fn the_logout_form_may_lead_to_the_provider() {
    for (name, url, sources) in [
        ("none", None, "'self'"),
        (
            "a URL",
            Some("https://login.example/end?a=b"),
            "'self' https://login.example",
        ),
        (
            "a port",
            Some("http://127.0.0.1:9000/end"),
            "'self' http://127.0.0.1:9000",
        ),
        (
            "IPv6",
            Some("https://[::1]:9000/end"),
            "'self' https://[::1]:9000",
        ),
        ("a user name", Some("https://a@login.example/"), "'self'"),
        ("a wildcard", Some("https://*/"), "'self'"),
        (
            "the end of a directive",
            Some("https://login.example;script-src/"),
            "'self'",
        ),
        ("a path", Some("/end"), "'self'"),
        ("no URL", Some("login example"), "'self'"),
    ] {
        let page = Page::sign_out("/oauth2/logout", url);
        assert_eq!(page.sign_out_path(), Some("/oauth2/logout"));
        let response = Pages::default().response(&page);
        let policy = field(&response, "content-security-policy");
        let directive = format!("; form-action {sources};");
        assert!(policy.contains(&directive), "{name}: {policy}");
        let form = "<form method=\"post\" action=\"/oauth2/logout\">";
        assert!(
            text(&response).contains(form),
            "{name}: {}",
            text(&response)
        );
    }
}

#[test]
fn replaced_pages_are_never_cached() {
    let pages = Pages::replaced_by(|page, usual| {
        assert_eq!(usual.status(), page.status());
        let status = page
            .provider_status()
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = status;
        response
    });
    for (name, page, status) in [
        ("by its kind", Page::new(PageKind::Failed), 500),
        (
            "by the provider's status",
            Page::new(PageKind::Failed).with_provider_status(StatusCode::UNAUTHORIZED),
            401,
        ),
    ] {
        let response = pages.response(&page);
        assert_eq!(response.status(), status, "{name}");
        assert_eq!(field(&response, "cache-control"), "no-store", "{name}");
        assert_eq!(field(&response, "referrer-policy"), "no-referrer", "{name}");
        assert_eq!(response.headers().len(), 2, "{name}");
        assert!(response.body().is_empty(), "{name}");
    }
    assert_eq!(format!("{pages:?}"), "Pages { replacement: Some(<fn>) }");
    assert_eq!(
        format!("{:?}", Pages::default()),
        "Pages { replacement: None }"
    );
}

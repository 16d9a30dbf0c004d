//! `IndexRewriteLayer` inside `CanonicalPathLayer`. The first byte of the input selects the method and
//! the options; the rest is a request target.
#![no_main]

use std::convert::Infallible;

use futures_executor::block_on;
use http::header::LOCATION;
use http::{Method, Request, Response, StatusCode, Uri};
use libfuzzer_sys::fuzz_target;
use portcullis::path::{AlternatePath, FolderRedirect, IndexDocument, PathError, RequestPath};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer};
use tower::{Layer, ServiceExt, service_fn};
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Some((&switches, target)) = data.split_first() else {
        return;
    };
    let Ok(target) = Uri::try_from(target) else {
        return;
    };
    let case = Case {
        offers_folder_object: switches & 1 != 0,
        redirects_to_slash: switches & 2 != 0,
        redirects_to_folder: switches & 16 != 0,
        method: match switches & 12 {
            0 => Method::GET,
            4 => Method::HEAD,
            _ => Method::POST,
        },
        target,
    };
    let response = case.answer();
    match RequestPath::parse(case.target.path()) {
        Ok(path) => case.check(path.as_str(), &response),
        Err(error) => {
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            assert_eq!(response.extensions().get::<PathError>(), Some(&error));
            assert!(response.extensions().get::<Seen>().is_none());
        }
    }
});

struct Case {
    offers_folder_object: bool,
    redirects_to_slash: bool,
    redirects_to_folder: bool,
    method: Method,
    target: Uri,
}

/// The request that reached the inner service, passed back in the extensions of the response.
#[derive(Clone)]
struct Seen {
    method: Method,
    target: Uri,
    alternate: Option<AlternatePath>,
    folder: Option<FolderRedirect>,
    index: Option<IndexDocument>,
}

impl Case {
    fn answer(&self) -> Response<()> {
        let mut rewrite = IndexRewriteLayer::new();
        if self.offers_folder_object {
            rewrite = rewrite.with_folder_object();
        }
        if self.redirects_to_slash {
            rewrite = rewrite.with_slash_redirect();
        }
        if self.redirects_to_folder {
            rewrite = rewrite.with_folder_redirect();
        }
        let innermost = service_fn(|request: Request<()>| async move {
            let (head, ()) = request.into_parts();
            let mut response = Response::new(());
            response.extensions_mut().insert(Seen {
                method: head.method,
                target: head.uri,
                alternate: head.extensions.get().cloned(),
                folder: head.extensions.get().cloned(),
                index: head.extensions.get().copied(),
            });
            Ok::<_, Infallible>(response)
        });
        let stack = CanonicalPathLayer::new().layer(rewrite.layer(innermost));
        let mut request = Request::new(());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        let Ok(response) = block_on(stack.oneshot(request));
        response.map(|_| ())
    }

    fn check(&self, path: &str, response: &Response<()>) {
        let is_folder = path.ends_with('/');
        match response.extensions().get::<Seen>() {
            Some(seen) => {
                let document = if is_folder { "index.html" } else { "" };
                assert_eq!(seen.target.path(), [path, document].concat());
                assert_eq!(seen.target.query(), self.target.query());
                assert_eq!(seen.target.authority(), self.target.authority());
                assert_eq!(seen.target.scheme(), self.target.scheme());
                assert_eq!(seen.method, self.method);
                let alternate = seen.alternate.as_ref().map(AlternatePath::as_str);
                let offered = is_folder && self.offers_folder_object;
                assert_eq!(alternate, offered.then_some(path));
                assert_eq!(seen.index.is_some(), is_folder);
                let offers = self.redirects_to_folder && self.is_read() && !is_folder;
                assert_eq!(seen.folder.is_some(), offers, "{path}");
                if let Some(folder) = &seen.folder {
                    assert_eq!(folder.index(), [path, "/index.html"].concat());
                    self.check_location(path, folder.location().as_bytes());
                }
                assert!(!self.is_redirected(path), "{path} was not redirected");
                assert_eq!(response.status(), StatusCode::OK);
                assert!(response.headers().is_empty());
            }
            None => {
                assert!(self.is_redirected(path), "{path} was redirected");
                assert_eq!(response.status(), StatusCode::MOVED_PERMANENTLY);
                self.check_location(path, response.headers()[LOCATION].as_bytes());
            }
        }
    }

    fn is_read(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    fn is_redirected(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        self.redirects_to_slash && self.is_read() && !name.is_empty() && !name.contains('.')
    }

    fn check_location(&self, path: &str, location: &[u8]) {
        let location = std::str::from_utf8(location).expect("a target is UTF-8");
        assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        let (relative, query) = match location.split_once('?') {
            Some((relative, query)) => (relative, Some(query)),
            None => (location, None),
        };
        let name = relative
            .strip_prefix("./")
            .and_then(|name| name.strip_suffix('/'));
        let name = name.expect("./name/");
        assert!(!name.is_empty() && !name.contains('/'));
        assert_eq!(query, self.target.query().map(in_ascii).as_deref());

        // As a browser resolves it, for any host and any mount.
        for mount in ["http://host", "https://host:8443/mount"] {
            let asked = format!("{mount}{path}?{}", query.unwrap_or_default());
            let asked = Url::parse(&asked).expect("a URL");
            let target = asked.join(location).expect("a relative reference");
            assert_eq!(target.origin(), asked.origin());
            assert_eq!(target.path(), format!("{}/", asked.path()));
            assert!(target.path().ends_with(&format!("{path}/")));
            assert_eq!(target.query().is_some(), query.is_some());
        }
    }
}

/// The query as a URI can hold it.
fn in_ascii(query: &str) -> String {
    let encode = |c: char| {
        c.to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect()
    };
    let spell = |c: char| {
        if c.is_ascii() {
            c.to_string()
        } else {
            encode(c)
        }
    };
    query.chars().map(spell).collect()
}

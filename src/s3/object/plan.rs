use http::request::Parts;
use http::{HeaderValue, Method};

use crate::gate::Identity;
use crate::path::{
    AlternatePath, FolderRedirect, IndexDocument, KeyPrefix, ObjectKey, PathError, PathErrorKind,
};
use crate::s3::read::ReadRequest;
use crate::s3::send::ReadMethod;
use crate::upstream::{
    Conditionals, MalformedQuery, QueryParameters, RangeRequest, end_to_end, range_request,
};

/// What a client's request asks of a bucket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ObjectPlan {
    pub(super) key: ObjectKey,
    /// Where else the object may be.
    pub(super) alternate: Option<ObjectKey>,
    /// The index document of the folder to redirect to if the object is missing, and its location.
    pub(super) folder: Option<(ObjectKey, HeaderValue)>,
    pub(super) request: ReadRequest,
    /// Whether a rewrite has chosen the object for a folder.
    pub(super) is_index: bool,
    /// Whether a gate has admitted somebody, so that shared caches must not keep the answer.
    pub(super) authorised: bool,
}

/// Why the bucket is not asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotAsked {
    /// OPTIONS: the answer names the methods.
    Options,
    /// Any method but GET, HEAD and OPTIONS.
    Method,
    /// The path does not name an object.
    Path(PathError),
    /// A parameter that may pass is given twice, has a control character in it or is too long.
    Query,
}

impl ObjectPlan {
    /// Judges the head of a request. Only these `parameters` of its query count.
    pub(crate) fn of(
        head: &Parts,
        prefix: &KeyPrefix,
        parameters: &QueryParameters,
    ) -> Result<Self, NotAsked> {
        let key = ObjectKey::from_path(head.uri.path(), prefix);
        let method = match head.method {
            Method::GET => ReadMethod::Get,
            Method::HEAD => ReadMethod::Head,
            Method::OPTIONS => {
                return Err(match key {
                    Err(error) if error.kind() != PathErrorKind::NoKey => NotAsked::Path(error),
                    _ => NotAsked::Options,
                });
            }
            _ => return Err(NotAsked::Method),
        };
        let key = key.map_err(NotAsked::Path)?;
        let query = parameters
            .of(head.uri.query())
            .map_err(|MalformedQuery| NotAsked::Query)?;
        let key_of = |path: &str| ObjectKey::from_path(path, prefix).ok();
        let alternate = head.extensions.get::<AlternatePath>();
        let folder = head.extensions.get::<FolderRedirect>();
        let headers = end_to_end(&head.headers);
        let conditionals = Conditionals::read(&headers);
        // A range counts after the preconditions (RFC 9110 section 13.2.2); S3 would judge it first.
        let range = if conditionals.are_judged_here() {
            RangeRequest::Whole
        } else {
            range_request(&head.method, &headers)
        };
        Ok(Self {
            key,
            alternate: alternate.and_then(|path| key_of(path.as_str())),
            folder: folder.and_then(|it| Some((key_of(it.index())?, it.location().clone()))),
            request: ReadRequest {
                method,
                conditionals,
                range,
                query,
            },
            is_index: head.extensions.get::<IndexDocument>().is_some(),
            // A request that was admitted anonymously has no identity.
            authorised: head.extensions.get::<Identity>().is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::header::{IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
    use http::{HeaderMap, HeaderValue, Request};

    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn plan(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<ObjectPlan, NotAsked> {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        of(&head)
    }

    fn of(head: &Parts) -> Result<ObjectPlan, NotAsked> {
        let parameters = QueryParameters::allow(["versionId"]).unwrap();
        ObjectPlan::of(head, &KeyPrefix::new("packages").unwrap(), &parameters)
    }

    fn key(path: &str) -> ObjectKey {
        ObjectKey::from_path(path, &KeyPrefix::default()).unwrap()
    }

    fn range(value: &'static str) -> RangeRequest {
        RangeRequest::Range(HeaderValue::from_static(value))
    }

    #[test]
    fn a_request_asks_for_an_object() {
        use ReadMethod::{Get, Head};
        for (name, method, target, method_sent, key_sent, query) in [
            ("a get", "GET", "/a%20b", Get, "/packages/a%20b", ""),
            ("a head", "HEAD", "/a", Head, "/packages/a", ""),
            ("the folder", "GET", "/", Get, "/packages/", ""),
            ("another query", "GET", "/a?acl", Get, "/packages/a", ""),
            (
                "a version among others",
                "GET",
                "/a?acl&versionId=%31&uploads",
                Get,
                "/packages/a",
                "versionId=1",
            ),
            (
                "another parameter twice",
                "GET",
                "/a?acl=1&acl=2",
                Get,
                "/packages/a",
                "",
            ),
        ] {
            let expected = ObjectPlan {
                key: key(key_sent),
                alternate: None,
                request: ReadRequest {
                    query: query.to_owned(),
                    ..ReadRequest::plain(method_sent)
                },
                folder: None,
                is_index: false,
                authorised: false,
            };
            assert_eq!(plan(method, target, &[]), Ok(expected), "{name}");
        }
    }

    #[test]
    fn the_bucket_is_not_asked_in_vain() {
        use PathErrorKind::{DotSegment, NotCanonical};
        let path = |kind| NotAsked::Path(PathError::new(kind));
        for (name, method, target, headers, reason) in [
            ("options", "OPTIONS", "/a", &[][..], NotAsked::Options),
            (
                "options of the root",
                "OPTIONS",
                "/",
                &[],
                NotAsked::Options,
            ),
            (
                "options of no path",
                "OPTIONS",
                "/../a",
                &[],
                path(DotSegment),
            ),
            ("a write", "PUT", "/a", &[], NotAsked::Method),
            (
                "a write to no path",
                "DELETE",
                "/../a",
                &[],
                NotAsked::Method,
            ),
            ("a method in lower case", "get", "/a", &[], NotAsked::Method),
            ("a dot segment", "GET", "/b/../a", &[], path(DotSegment)),
            (
                "an encoded one",
                "HEAD",
                "/b/%2e%2e/a",
                &[],
                path(DotSegment),
            ),
            ("another spelling", "GET", "/%61", &[], path(NotCanonical)),
            (
                "a version twice",
                "GET",
                "/a?versionId=1&versionId=1",
                &[],
                NotAsked::Query,
            ),
        ] {
            assert_eq!(plan(method, target, headers), Err(reason), "{name}");
        }
    }

    #[test]
    fn ranges_and_preconditions_are_kept_apart() {
        let if_range = |name, value| RangeRequest::RangeIf {
            range: HeaderValue::from_static("bytes=0-1"),
            precondition: (name, HeaderValue::from_static(value)),
        };
        let bytes = ("range", "bytes=0-1");
        let no_such_hop = ("connection", "range, if-match");
        for (name, method, headers, expected, sent) in [
            ("a range", "GET", &[bytes][..], range("bytes=0-1"), &[][..]),
            ("of a head", "HEAD", &[bytes], RangeRequest::Whole, &[]),
            (
                "two ranges",
                "GET",
                &[("range", "bytes=0-1,3-4")],
                RangeRequest::Whole,
                &[],
            ),
            (
                "if the tag is the same",
                "GET",
                &[bytes, ("if-range", "\"v1\"")],
                if_range(IF_MATCH, "\"v1\""),
                &[],
            ),
            (
                "if the date is the same",
                "GET",
                &[bytes, ("if-range", DATE)],
                if_range(IF_UNMODIFIED_SINCE, DATE),
                &[],
            ),
            (
                "beside one tag",
                "GET",
                &[bytes, ("if-none-match", "\"v1\"")],
                range("bytes=0-1"),
                &[(IF_NONE_MATCH, "\"v1\"")],
            ),
            (
                "beside tags that are judged here",
                "GET",
                &[bytes, ("if-none-match", "\"v1\", \"v2\"")],
                RangeRequest::Whole,
                &[],
            ),
            (
                "of the last hop",
                "GET",
                &[bytes, ("if-match", "\"v1\""), no_such_hop],
                RangeRequest::Whole,
                &[],
            ),
        ] {
            let request = plan(method, "/a", headers).unwrap().request;
            assert_eq!(request.range, expected, "{name}");
            let sent = sent.iter().cloned();
            let sent = sent.map(|(name, value)| (name, HeaderValue::from_static(value)));
            let sent: HeaderMap = sent.collect();
            assert_eq!(*request.conditionals.sent(), sent, "{name}");
        }
    }

    #[test]
    fn extensions_name_the_alternate_and_the_identity() {
        for (name, alternate, identity, alternate_key) in [
            ("neither", None, false, None),
            ("a person", None, true, None),
            ("an alternate", Some("/a/"), false, Some("/packages/a/")),
            ("an unsafe alternate", Some("/../a/"), false, None),
        ] {
            let (mut head, ()) = Request::get("/a/index.html").body(()).unwrap().into_parts();
            if let Some(alternate) = alternate {
                head.extensions.insert(AlternatePath::new(alternate));
            }
            if identity {
                head.extensions.insert(Identity::new("test", "ada"));
            }
            let plan = of(&head).unwrap();
            assert_eq!(plan.authorised, identity, "{name}");
            assert_eq!(plan.alternate, alternate_key.map(key), "{name}");
        }
    }
}

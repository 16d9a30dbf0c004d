use http::uri::PathAndQuery;
use http::{Request, Uri};
use portcullis::path::AlternatePath;

use crate::mount::MountPath;

/// The request as a leaf sees it: with the path below the mount. `None` for the mount itself without
/// its slash, which no object is below: as in a bucket, `/a` is not `/a/`.
pub(super) fn take_off<B>(mount: &MountPath, mut request: Request<B>) -> Option<Request<B>> {
    let extensions = request.extensions_mut();
    let alternate = extensions.remove::<AlternatePath>();
    if let Some(below) = alternate.as_ref().and_then(|it| mount.strip(it.as_str())) {
        extensions.insert(AlternatePath::new(below));
    }
    let below = mount.strip(request.uri().path());
    let below = below.filter(|below| !below.is_empty())?;
    *request.uri_mut() = with_path(request.uri(), below);
    Some(request)
}

fn with_path(uri: &Uri, path: &str) -> Uri {
    let target = match uri.query() {
        Some(query) => PathAndQuery::try_from(format!("{path}?{query}")),
        None => PathAndQuery::try_from(path),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target.expect("the end of a path is a path"));
    Uri::from_parts(parts).expect("a target with a shorter path is a target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leaf_sees_the_path_below_the_mount() {
        for (mount, target, expected) in [
            ("/", "/a/b?q=1", "/a/b?q=1"),
            ("/a", "/a/b?q=%70", "/b?q=%70"),
            ("/a", "/a/", "/"),
            ("/a", "/a//b", "//b"),
            ("/a", "/a/?", "/?"),
            ("/a", "http://h:1/a/b", "http://h:1/b"),
        ] {
            let mount = MountPath::parse(mount).unwrap();
            let mut request = Request::new(());
            *request.uri_mut() = target.parse().unwrap();
            let path = request.uri().path().to_owned();
            request.extensions_mut().insert(AlternatePath::new(&*path));
            let request = take_off(&mount, request).unwrap();
            assert_eq!(request.uri().to_string(), expected, "{target}");
            let alternate = request.extensions().get::<AlternatePath>().unwrap();
            assert_eq!(Some(alternate.as_str()), mount.strip(&path));
        }
    }

    #[test]
    fn the_mount_without_its_slash_and_what_is_elsewhere_have_nothing_below() {
        let mount = MountPath::parse("/a").unwrap();
        for target in ["/a", "/a?q=1", "/ab", "/"] {
            let request = Request::get(target).body(()).unwrap();
            assert!(take_off(&mount, request).is_none(), "{target}");
        }
    }
}

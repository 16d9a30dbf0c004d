use crate::support::{Gateway, Store, get};

const PAGE: &str = "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Type: text/html\r\nx-amz-version-id: 7\r\n\
                    Content-Length: 5\r\nConnection: close\r\n\r\nwheel";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 39\r\nConnection: close\r\n\r\n\
                       <Error><Code>NoSuchKey</Code></Error>  ";

/// Two mounts of one bucket: as they are, and with every option at `/o`.
fn serve(store: &Store) -> Gateway {
    Gateway::start(&format!(
        "{}[[mounts]]\npath = '/o'\ninsecure_no_auth = true\n\
         [mounts.s3]\nbucket = 'wheels'\nendpoint_url = '{}'\nindex = false\n\
         content_types = 'stored'\nhtml = 'sandbox'\nnot_found = '/404.html'\n\
         query_parameters = ['versionId']\nresponse_headers = ['x-amz-version-id']\n",
        Gateway::open_mount(&store.url),
        store.url
    ))
}

#[test]
fn a_mount_has_its_own_options() {
    let store = Store::start(PAGE);
    let gateway = serve(&store);
    for (target, asked, kind, policy, version) in [
        (
            "/x.whl?versionId=7",
            "/wheels/x.whl",
            "application/zip",
            None,
            None,
        ),
        ("/d/", "/wheels/d/index.html", "text/html", None, None),
        (
            "/o/x.whl?versionId=7",
            "/wheels/x.whl?versionId=7",
            "text/html",
            Some("sandbox"),
            Some("7"),
        ),
        (
            "/o/d/",
            "/wheels/d/",
            "text/html",
            Some("sandbox"),
            Some("7"),
        ),
    ] {
        let answer = get(&gateway.address, target, None);
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(store.target(), asked, "{target}");
        assert_eq!(answer.header("content-type"), Some(kind), "{target}");
        assert_eq!(answer.header("content-security-policy"), policy, "{target}");
        assert_eq!(answer.header("x-amz-version-id"), version, "{target}");
    }
}

#[test]
fn the_not_found_document_is_requested_if_configured() {
    let store = Store::start(MISSING);
    let gateway = serve(&store);
    assert_eq!(get(&gateway.address, "/x", None).status, 404);
    assert_eq!(get(&gateway.address, "/o/x", None).status, 404);
    let asked = [(); 3].map(|()| store.target());
    assert_eq!(asked, ["/wheels/x", "/wheels/x", "/wheels/404.html"]);
}

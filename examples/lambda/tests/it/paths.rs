use crate::support::{Bucket, Event, Function, RawStore};

const OPEN: (&str, &str) = ("PORTCULLIS_INSECURE_NO_AUTH", "1");

/// Each object holds its key.
const KEYS: [&str; 9] = [
    "simple/pkg/index.html",
    "simple/pkg/a-1.0+cu118.whl",
    "a b",
    "a%2Bb",
    "a?b",
    "a",
    "é",
    "b/c",
    "secret/x",
];

async fn bucket() -> Bucket {
    Bucket::start(&KEYS.map(|key| (key, key))).await
}

#[tokio::test]
async fn a_path_names_one_object_or_is_refused() {
    let bucket = bucket().await;
    let mut function = Function::start(&bucket.environment(&[OPEN])).await;
    for (path, expected) in [
        ("/simple/pkg/", Ok("simple/pkg/index.html")),
        (
            "/simple/pkg/a-1.0%2Bcu118.whl",
            Ok("simple/pkg/a-1.0+cu118.whl"),
        ),
        (
            "/simple/pkg/a-1.0+cu118.whl",
            Ok("simple/pkg/a-1.0+cu118.whl"),
        ),
        ("/%73imple%2fpkg%2F", Ok("simple/pkg/index.html")),
        ("/a%20b", Ok("a b")),
        // No service sends these, since they cannot be a request's path; what they name is clear.
        ("/a b", Ok("a b")),
        ("/a?b", Ok("a?b")),
        ("/a#b", Err(404)),
        // Decoded once.
        ("/a%252Bb", Ok("a%2Bb")),
        ("/a%2Bb", Err(404)),
        ("/a%3Fb", Ok("a?b")),
        ("/a%23b", Err(404)),
        ("/%C3%A9", Ok("é")),
        ("/é", Ok("é")),
        ("/b%2Fc", Ok("b/c")),
        // apt asks so.
        ("/b/./c", Ok("b/c")),
        ("/b%2F%2E/c", Ok("b/c")),
        // Never the object of a normalised path.
        ("/x/../secret/x", Err(400)),
        ("/x/%2e%2E/secret/x", Err(400)),
        ("/x%2F..%2Fsecret%2Fx", Err(400)),
        ("/x\\..\\secret\\x", Err(400)),
        ("/secret%5Cx", Err(400)),
        ("/secret/\nx", Err(400)),
        ("/secret/%0Ax", Err(400)),
        ("/secret/%00x", Err(400)),
        ("/secret/x%", Err(400)),
        ("/secret/%zzx", Err(400)),
        ("/secret/%FFx", Err(400)),
    ] {
        let event = Event::get(path);
        for event in [event.of_function_url(), event.of_rest_api()] {
            let answer = function.answer(event).await;
            let status = answer.status().unwrap();
            let found = if status == 200 {
                Ok(answer.text())
            } else {
                Err(status)
            };
            assert_eq!(found, expected, "{path:?}");
        }
    }
}

/// The file system behind `Bucket` treats `a//b` as `a/b`, so this test examines the request to S3.
#[tokio::test]
async fn an_empty_segment_stays() {
    let store = RawStore::start().await;
    let mut function = Function::start(&store.environment()).await;
    for (path, expected) in [
        ("//secret//x", "GET /wheels//secret//x HTTP/1.1"),
        ("/secret/x", "GET /wheels/secret/x HTTP/1.1"),
    ] {
        let event = Event::get(path).of_function_url();
        let (asked, answer) = tokio::join!(store.refuse(), function.answer(event));
        assert_eq!(asked, expected);
        assert_eq!(answer.status(), Some(502), "{path}");
    }
}

#[tokio::test]
async fn events_of_services_that_alter_paths_are_refused() {
    let bucket = bucket().await;
    let mut function = Function::start(&bucket.environment(&[OPEN])).await;
    let api = "an event of an HTTP API, which alters paths and takes no streamed answer: ";
    let neither = "an event of neither a Function URL nor a REST API";
    for path in ["/a", "/a b", "/", "/secret/x"] {
        let event = Event::get(path);
        for (event, expected) in [
            (event.of_http_api(), api),
            (event.of_http_api_1(), api),
            (event.of_load_balancer(), neither),
        ] {
            let answer = function.answer(event.clone()).await;
            assert_eq!(answer.status(), None, "{event}");
            let error = answer.error().unwrap();
            assert!(error.contains(expected), "{event}: {error}");
        }
    }
    for event in ["{}", "[]", "1"] {
        let answer = function.answer(event.to_owned()).await;
        assert_eq!(answer.status(), None, "{event}");
        assert!(answer.error().is_some(), "{event}");
    }
    for path in ["", "secret/x", "*", "http://host/secret/x"] {
        let event = Event::get(path);
        for event in [event.of_function_url(), event.of_rest_api()] {
            let answer = function.answer(event).await;
            assert_eq!(answer.error(), Some("an event without a path"), "{path:?}");
        }
    }
    // The next event is served as before.
    let answer = function.answer(Event::get("/a").of_function_url()).await;
    assert_eq!((answer.status(), answer.text()), (Some(200), "a"));
}

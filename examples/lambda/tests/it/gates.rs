use crate::support::{Bucket, Event, Function, basic};

#[tokio::test]
async fn basic_auth_admits_its_user_and_nobody_else() {
    let bucket = Bucket::start(&[("a.whl", "wheel")]).await;
    let environment = bucket.environment(&[("BASIC_AUTH", "ci:pa55:word")]);
    let mut function = Function::start(&environment).await;
    let event = Event::get("/a.whl");
    let good = event.clone().with("authorization", &basic("ci:pa55:word"));
    let bad = event.clone().with("authorization", &basic("ci:guess"));
    let both = good.clone().with("authorization", &basic("ci:guess"));
    let last = bad.clone().with("authorization", &basic("ci:pa55:word"));
    for (name, event, expected) in [
        ("no credential", &event, 401),
        ("the user's", &good, 200),
        ("a wrong password", &bad, 401),
        ("a good and a bad one", &both, 400),
        ("a bad and a good one", &last, 400),
    ] {
        // A Function URL joins the two headers into one that is not a credential.
        let of_function_url = if expected == 400 { 401 } else { expected };
        for (name, event, expected) in [
            (format!("{name}, REST"), event.of_rest_api(), expected),
            (
                format!("{name}, URL"),
                event.of_function_url(),
                of_function_url,
            ),
        ] {
            let answer = function.answer(event).await;
            assert_eq!(answer.status(), Some(expected), "{name}");
            let challenge =
                (expected == 401).then_some(r#"Basic realm="portcullis", charset="UTF-8""#);
            assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
            assert_eq!(answer.text() == "wheel", expected == 200, "{name}");
        }
    }
    assert_eq!(function.kill().await, "", "something was logged");
}

#[tokio::test]
async fn everyone_is_admitted_if_configured() {
    let bucket = Bucket::start(&[("a.whl", "wheel")]).await;
    let environment = bucket.environment(&[("PORTCULLIS_INSECURE_NO_AUTH", "1")]);
    let mut function = Function::start(&environment).await;
    let answer = function
        .answer(Event::get("/a.whl").of_function_url())
        .await;
    assert_eq!((answer.status(), answer.text()), (Some(200), "wheel"));
}

use tokio::io::AsyncWriteExt;

use crate::support::{Event, Function, RawStore};

#[tokio::test]
async fn the_first_bytes_arrive_before_the_last() {
    let store = RawStore::start().await;
    let mut function = Function::start(&store.environment()).await;
    let event = Event::get("/a.whl").of_function_url();
    let (mut sending, mut answer) = tokio::join!(store.send_half(), function.begin(event));
    answer.wait_for(b"first").await;
    sending.write_all(b"other").await.unwrap();
    let answer = answer.finish().await.unwrap();
    assert_eq!((answer.status(), answer.text()), (Some(200), "firstother"));
}

#[tokio::test]
async fn a_broken_off_object_never_looks_complete() {
    let store = RawStore::start().await;
    let mut function = Function::start(&store.environment()).await;
    let event = Event::get("/a.whl").of_function_url();
    let (sending, mut answer) = tokio::join!(store.send_half(), function.begin(event));
    answer.wait_for(b"first").await;
    drop(sending);
    assert!(answer.finish().await.is_err());
    let ended = function.end().await;
    assert_eq!(ended.code, Some(1));
    let expected = "portcullis: an object broke off: the object broke off: ";
    assert!(ended.stderr.starts_with(expected), "{:?}", ended.stderr);
}

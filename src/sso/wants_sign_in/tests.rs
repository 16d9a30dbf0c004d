use http::Request;

use super::*;

/// Requests as clients really send them, and what each is answered with.
const REQUESTS: &str = include_str!("requests.tsv");

#[test]
fn a_request_is_redirected_where_its_sender_would_follow() {
    let rows = REQUESTS.lines().filter(|line| !line.starts_with('#'));
    for row in rows {
        let columns: Vec<_> = row.split('\t').collect();
        let [answer, method, name, fields] = columns[..] else {
            panic!("{row}");
        };
        let mut request = Request::builder().method(method).uri("/");
        for field in fields.split(" | ").filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let told = match (wants_sign_in(&head, true), wants_sign_in(&head, false)) {
            (true, true) => "Redirect",
            (true, false) => "RedirectAlone",
            (false, false) => "Challenge",
            (false, true) => panic!("{name}: a redirect among several methods alone"),
        };
        assert_eq!(told, answer, "{name}");
    }
}

use http::Request;

use super::*;

/// Requests of real clients, and the answer to each.
const REQUESTS: &str = include_str!("requests.tsv");

#[test]
fn requests_that_browsers_follow_are_redirected() {
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

use super::shape::Outcome::{Both, Refused};
use super::shape::Shape;

/// Request lines, and the host that a request names.
pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = lines();
    shapes.extend(hosts());
    shapes
}

fn lines() -> Vec<Shape> {
    [
        ("GET /first HTTP/1.1", Both(200)),
        ("GET http://h/first HTTP/1.1", Both(200)),
        // Its authority overrides Host (RFC 9112 section 3.2.2).
        ("GET http://other/first HTTP/1.1", Both(200)),
        ("GET http://user@h/first HTTP/1.1", Both(400)),
        ("GET //h/first HTTP/1.1", Both(200)),
        ("GET /first?/../x HTTP/1.1", Both(200)),
        ("GET /first#x HTTP/1.1", Both(200)),
        ("get /first HTTP/1.1", Both(405)),
        ("TRACE /first HTTP/1.1", Both(405)),
        ("OPTIONS /first HTTP/1.1", Both(200)),
        ("GET h:80 HTTP/1.1", Both(400)),
        ("GET first HTTP/1.1", Both(400)),
        ("GET * HTTP/1.1", Both(400)),
        ("OPTIONS * HTTP/1.1", Both(400)),
        ("CONNECT h:80 HTTP/1.1", Both(400)),
        ("GET /secret/../first HTTP/1.1", Both(400)),
        ("GET  /first HTTP/1.1", Refused(400)),
        ("GET /first  HTTP/1.1", Refused(400)),
        ("GET /first HTTP/1.1 ", Refused(400)),
        (" GET /first HTTP/1.1", Refused(400)),
        ("GET\t/first\tHTTP/1.1", Refused(400)),
        ("GET /first /secret HTTP/1.1", Refused(400)),
        ("GET /first\rHTTP/1.1", Refused(400)),
        ("GET /fir\0st HTTP/1.1", Refused(400)),
        ("GET file:///first HTTP/1.1", Refused(400)),
        ("GET http:/first HTTP/1.1", Refused(400)),
        ("GET /first", Refused(400)),
        ("GET /first HTTP/0.9", Refused(400)),
        ("GET /first HTTP/1.2", Refused(400)),
        ("GET /first HTTP/2.0", Refused(400)),
        ("GET /first HTTP/1.10", Refused(400)),
        ("GET /first http/1.1", Refused(400)),
        ("PRI * HTTP/2.0", Refused(400)),
        ("GE T /first HTTP/1.1", Refused(400)),
        ("G\u{0}ET /first HTTP/1.1", Refused(400)),
    ]
    .into_iter()
    .map(|(line, outcome)| Shape::new(format!("line {line:?}"), line, "Host: h\r\n", "", outcome))
    .collect()
}

fn hosts() -> Vec<Shape> {
    [
        ("Host: h.example:8080\r\n", Both(200)),
        ("", Both(400)),
        ("Host:\r\n", Both(400)),
        ("Host: h\r\nHost: h\r\n", Both(400)),
        ("Host: h\r\nhost: evil\r\n", Both(400)),
        ("Host: h, evil\r\n", Both(400)),
        ("Host: h evil\r\n", Both(400)),
        ("Host: h/secret\r\n", Both(400)),
        ("Host: user@h\r\n", Both(400)),
        ("Host: h:80:80\r\n", Both(400)),
        ("Host: h\r\n evil\r\n", Refused(400)),
        ("Host : h\r\n", Refused(400)),
        ("\tHost: h\r\n", Refused(400)),
    ]
    .into_iter()
    .map(|(headers, outcome)| {
        let name = format!("host {headers:?}");
        Shape::new(name, "GET /first HTTP/1.1", headers, "", outcome)
    })
    .collect()
}

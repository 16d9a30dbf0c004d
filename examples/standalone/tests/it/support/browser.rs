use std::collections::BTreeMap;

use super::{Answer, Connection, Idp};

/// A browser that keeps cookies, which is all that sign-in needs.
pub(crate) struct Browser<'a> {
    address: &'a str,
    /// The header lines of each request, with their line ends.
    headers: &'a str,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(address: &'a str, headers: &'a str) -> Self {
        Self {
            address,
            headers,
            cookies: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.send("GET", target, "")
    }

    pub(crate) fn send(&mut self, method: &str, target: &str, headers: &str) -> Answer {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = match &cookies[..] {
            [] => String::new(),
            cookies => format!("Cookie: {}\r\n", cookies.join("; ")),
        };
        let headers = format!("{}{headers}{cookies}", self.headers);
        let answer = Connection::open_raw(self.address, method, target, &headers).finish();
        for line in answer.all("set-cookie") {
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let is_over = attributes.split("; ").any(|it| it == "Max-Age=0");
            if is_over {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Requests `target`, signs in at the provider, and returns the path and query of the callback.
    pub(crate) fn callback(&mut self, idp: &Idp, target: &str) -> String {
        let answer = self.get(target);
        assert_eq!(answer.status, 302, "{answer:?}");
        let callback = idp.authorize(answer.header("location").unwrap());
        let (_, path) = callback.split_once("://").unwrap();
        path[path.find('/').unwrap()..].to_owned()
    }

    /// Signs in, and returns the answer to the callback.
    pub(crate) fn sign_in(&mut self, idp: &Idp, target: &str) -> Answer {
        let callback = self.callback(idp, target);
        self.get(&callback)
    }
}

use std::ops::Range;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::error::SignError;
use crate::path::encode_component_into;

/// The canonical request of SigV4, and the range of its list of signed headers.
pub(super) struct CanonicalRequest {
    text: String,
    signed_headers: Range<usize>,
}

impl CanonicalRequest {
    pub(super) fn new(head: &Parts, payload_hash: &HeaderValue) -> Result<Self, SignError> {
        let mut text = String::with_capacity(512);
        text.push_str(head.method.as_str());
        text.push('\n');
        text.push_str(head.uri.path());
        text.push('\n');
        push_query(&mut text, head.uri.query().unwrap_or_default());
        text.push('\n');
        let names = signed_names(&head.headers);
        for name in &names {
            push_header(&mut text, &head.headers, name)?;
        }
        text.push('\n');
        let start = text.len();
        for (i, name) in names.iter().enumerate() {
            if i > 0 {
                text.push(';');
            }
            text.push_str(name.as_str());
        }
        let signed_headers = start..text.len();
        text.push('\n');
        text.push_str(utf8(payload_hash)?);
        Ok(Self {
            text,
            signed_headers,
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    pub(super) fn signed_headers(&self) -> &str {
        &self.text[self.signed_headers.clone()]
    }
}

/// The names of the signed headers, sorted: all but those that a hop on the way may change.
fn signed_names(headers: &HeaderMap) -> Vec<&HeaderName> {
    let mut names: Vec<_> = headers.keys().filter(|name| !is_unsigned(name)).collect();
    names.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    names
}

fn is_unsigned(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "authorization"
            | "connection"
            | "expect"
            | "keep-alive"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "user-agent"
            | "x-amzn-trace-id"
    )
}

fn push_header(text: &mut String, headers: &HeaderMap, name: &HeaderName) -> Result<(), SignError> {
    text.push_str(name.as_str());
    for (i, value) in headers.get_all(name).iter().enumerate() {
        text.push(if i == 0 { ':' } else { ',' });
        // Only spaces are folded: S3 keeps tabs.
        for (i, word) in utf8(value)?
            .split(' ')
            .filter(|word| !word.is_empty())
            .enumerate()
        {
            if i > 0 {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
    text.push('\n');
    Ok(())
}

fn utf8(value: &HeaderValue) -> Result<&str, SignError> {
    std::str::from_utf8(value.as_bytes())
        .map_err(|_| SignError::new("a header to sign is not UTF-8"))
}

/// Appends the parameters, decoded once and encoded by the canonical rule, sorted by that encoding.
fn push_query(text: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    // Sorted by the encoded bytes: encoding moves `~` and characters outside ASCII.
    pairs.sort_unstable();
    for (i, (name, value)) in pairs.iter().enumerate() {
        if i > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
}

fn encoded(decoded: &str) -> String {
    let mut encoded = String::with_capacity(decoded.len());
    encode_component_into(&mut encoded, decoded.as_bytes());
    encoded
}

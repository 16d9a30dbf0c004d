use super::text::{API_VERSION, push_encoded, timestamp};
use crate::pypi::digest::Sha256Digest;
use crate::pypi::project::{Project, ProjectFile, ProjectList};

/// What a file takes on the page, about: it saves most growth of the buffer.
const BYTES_OF_A_FILE: usize = 512;

impl Project {
    /// The page of the project in JSON (PEP 691, `application/vnd.pypi.simple.v1+json`).
    #[must_use]
    pub fn json(&self) -> String {
        let mut page = String::with_capacity(256 + self.files().len() * BYTES_OF_A_FILE);
        page.push_str(r#"{"meta":{"api-version":""#);
        page.push_str(API_VERSION);
        page.push_str(r#""},"name":"#);
        push_string(&mut page, self.name().as_str());
        page.push_str(r#","project-status":{"status":"#);
        push_string(&mut page, self.status().as_str());
        if let Some(reason) = self.status_reason() {
            page.push_str(r#","reason":"#);
            push_string(&mut page, reason);
        }
        page.push_str(r#"},"versions":["#);
        push_list(&mut page, &self.versions(), |page, version| {
            push_string(page, version);
        });
        page.push_str(r#"],"files":["#);
        push_list(&mut page, self.files(), push_file);
        page.push_str("]}");
        page
    }
}

impl ProjectList {
    /// The root page in JSON (PEP 691, `application/vnd.pypi.simple.v1+json`).
    #[must_use]
    pub fn json(&self) -> String {
        let mut page = String::with_capacity(64 + self.names().len() * 32);
        page.push_str(r#"{"meta":{"api-version":""#);
        page.push_str(API_VERSION);
        page.push_str(r#""},"projects":["#);
        push_list(&mut page, self.names(), |page, name| {
            page.push_str(r#"{"name":"#);
            push_string(page, name.as_str());
            page.push('}');
        });
        page.push_str("]}");
        page
    }
}

fn push_file(page: &mut String, file: &ProjectFile) {
    page.push_str(r#"{"filename":"#);
    push_string(page, file.name.as_str());
    page.push_str(r#","url":"#);
    if let Some(url) = &file.url {
        push_string(page, url);
    } else {
        // Nothing in it needs an escape.
        page.push('"');
        push_encoded(page, file.name.as_str());
        page.push('"');
    }
    page.push_str(r#","hashes":{"#);
    if let Some(digest) = &file.sha256 {
        push_sha256(page, digest);
    }
    page.push_str(r#"},"size":"#);
    page.push_str(&file.size.to_string());
    if let Some(time) = file.uploaded.and_then(timestamp) {
        page.push_str(r#","upload-time":""#);
        page.push_str(std::str::from_utf8(&time).unwrap_or_default());
        page.push('"');
    }
    if let Some(specifiers) = &file.requires_python {
        page.push_str(r#","requires-python":"#);
        push_string(page, specifiers);
    }
    // The older name is for clients from before PEP 714.
    for name in ["core-metadata", "dist-info-metadata"] {
        page.push_str(",\"");
        page.push_str(name);
        page.push_str("\":");
        match &file.core_metadata {
            Some(digest) => {
                page.push('{');
                push_sha256(page, digest);
                page.push('}');
            }
            None => page.push_str("false"),
        }
    }
    page.push_str(r#","yanked":"#);
    match file.yanked.as_deref() {
        None => page.push_str("false"),
        Some("") => page.push_str("true"),
        Some(reason) => push_string(page, reason),
    }
    if let Some(url) = &file.provenance {
        page.push_str(r#","provenance":"#);
        push_string(page, url);
    }
    page.push('}');
}

fn push_list<T>(page: &mut String, items: &[T], push: impl Fn(&mut String, &T)) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            page.push(',');
        }
        push(page, item);
    }
}

fn push_sha256(page: &mut String, digest: &Sha256Digest) {
    page.push_str(r#""sha256":""#);
    digest.push_hex(page);
    page.push('"');
}

/// Writes a text in quotes.
fn push_string(page: &mut String, text: &str) {
    page.push('"');
    let mut rest = text;
    let must_escape = |byte: u8| matches!(byte, b'"' | b'\\' | 0..b' ');
    while let Some(at) = rest.bytes().position(must_escape) {
        let (plain, after) = rest.split_at(at);
        page.push_str(plain);
        let byte = after.as_bytes()[0];
        if byte < b' ' {
            page.push_str(if byte < 16 { "\\u000" } else { "\\u001" });
            page.extend(char::from_digit(u32::from(byte & 15), 16));
        } else {
            page.extend(['\\', char::from(byte)]);
        }
        rest = &after[1..];
    }
    page.push_str(rest);
    page.push('"');
}

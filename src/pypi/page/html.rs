use super::text::{API_VERSION, push_encoded};
use crate::pypi::digest::Sha256Digest;
use crate::pypi::project::{Project, ProjectFile, ProjectList, ProjectStatus};

/// What a file takes on the page, about: it saves most growth of the buffer.
const BYTES_OF_A_FILE: usize = 400;

impl Project {
    /// The page of the project in HTML (PEP 503, `application/vnd.pypi.simple.v1+html` or `text/html`).
    #[must_use]
    pub fn html(&self) -> String {
        let mut page = String::with_capacity(512 + self.files().len() * BYTES_OF_A_FILE);
        push_head(&mut page);
        if self.status() != ProjectStatus::Active {
            push_meta(&mut page, "pypi:project-status", self.status().as_str());
        }
        if let Some(reason) = self.status_reason() {
            push_meta(&mut page, "pypi:project-status-reason", reason);
        }
        let name = self.name().as_str();
        for part in [
            "<title>Links for ",
            name,
            "</title>\n</head>\n<body>\n<h1>Links for ",
            name,
        ] {
            page.push_str(part);
        }
        page.push_str("</h1>\n");
        for file in self.files() {
            push_file(&mut page, file);
        }
        page.push_str("</body>\n</html>\n");
        page
    }
}

impl ProjectList {
    /// The root page in HTML (PEP 503, `application/vnd.pypi.simple.v1+html` or `text/html`). Links are
    /// relative to it.
    #[must_use]
    pub fn html(&self) -> String {
        let mut page = String::with_capacity(256 + self.names().len() * 64);
        push_head(&mut page);
        page.push_str("<title>Simple index</title>\n</head>\n<body>\n");
        for name in self.names() {
            for part in [
                "<a href=\"",
                name.as_str(),
                "/\">",
                name.as_str(),
                "</a><br>\n",
            ] {
                page.push_str(part);
            }
        }
        page.push_str("</body>\n</html>\n");
        page
    }
}

fn push_head(page: &mut String) {
    page.push_str("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n");
    push_meta(page, "pypi:repository-version", API_VERSION);
}

fn push_meta(page: &mut String, name: &str, content: &str) {
    page.push_str("<meta name=\"");
    page.push_str(name);
    push_attribute(page, "\" content", content);
    page.push_str(">\n");
}

fn push_file(page: &mut String, file: &ProjectFile) {
    page.push_str("<a href=\"");
    match &file.url {
        Some(url) => push_escaped(page, url),
        // Nothing in it needs an escape.
        None => push_encoded(page, file.name.as_str()),
    }
    if let Some(digest) = &file.sha256 {
        page.push('#');
        push_sha256(page, digest);
    }
    page.push('"');
    if let Some(specifiers) = &file.requires_python {
        push_attribute(page, " data-requires-python", specifiers);
    }
    if let Some(digest) = &file.core_metadata {
        // The older name is for clients from before PEP 714.
        for name in ["core-metadata", "dist-info-metadata"] {
            page.push_str(" data-");
            page.push_str(name);
            page.push_str("=\"");
            push_sha256(page, digest);
            page.push('"');
        }
    }
    if let Some(reason) = &file.yanked {
        push_attribute(page, " data-yanked", reason);
    }
    if let Some(url) = &file.provenance {
        push_attribute(page, " data-provenance", url);
    }
    page.push('>');
    push_escaped(page, file.name.as_str());
    page.push_str("</a><br>\n");
}

fn push_sha256(page: &mut String, digest: &Sha256Digest) {
    page.push_str("sha256=");
    digest.push_hex(page);
}

fn push_attribute(page: &mut String, name: &str, value: &str) {
    page.push_str(name);
    page.push_str("=\"");
    push_escaped(page, value);
    page.push('"');
}

/// Escapes a text for an element or an attribute in double quotes.
fn push_escaped(page: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\r', '\0']) {
        let (plain, after) = rest.split_at(at);
        page.push_str(plain);
        page.push_str(match after.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&#34;",
            b'\'' => "&#39;",
            // A parser makes a line feed of a bare one.
            b'\r' => "&#13;",
            // HTML has no NUL.
            _ => "\u{fffd}",
        });
        rest = &after[1..];
    }
    page.push_str(rest);
}

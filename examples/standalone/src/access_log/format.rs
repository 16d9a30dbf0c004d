use std::fmt::Write;
use std::time::Duration;

use http::StatusCode;
use portcullis::path_token::Redacted;
use serde::Serialize;

use super::entry::Entry;
use super::escape::{Field, Quoted, printable_json};
use crate::timestamp::Timestamp;

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// The names are stable: programs read them.
#[derive(Serialize)]
struct Json<'a> {
    time: String,
    client: Option<String>,
    request_id: &'a str,
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    bytes: u64,
    duration_ms: u128,
    upstream_ms: Option<u128>,
    identity: Option<&'a str>,
    aborted: bool,
    reason: Option<&'a str>,
}

impl LogFormat {
    pub(super) fn line(self, entry: &Entry, took: Duration) -> String {
        match self {
            Self::Text => text(entry, took),
            Self::Json => json(entry, took),
        }
    }
}

fn text(entry: &Entry, took: Duration) -> String {
    let time = Timestamp(entry.time);
    let client = entry.client.map(|client| client.to_string());
    let client = Field(client.as_deref().unwrap_or_default());
    let id = Field(id(entry));
    let method = Field(entry.method.as_str());
    let path = path(entry);
    let path = Field(&path);
    let status = entry.status.as_ref().map_or("-", StatusCode::as_str);
    let upstream = entry.upstream.map(|time| format!("{}ms", time.as_millis()));
    let upstream = upstream.as_deref().unwrap_or("-");
    let who = Field(entry.admitted.subject().unwrap_or_default());
    let (sent, took) = (entry.sent, took.as_millis());
    let mut line =
        format!("{time} {client} {id} {method} {path} {status} {sent}B {took}ms {upstream} {who}");
    if !entry.ended {
        line.push_str(" aborted");
    }
    if let Some(reason) = &entry.reason {
        // Writing into a `String` does not fail.
        let _ = write!(line, " reason={}", Quoted(reason));
    }
    line
}

fn json(entry: &Entry, took: Duration) -> String {
    let path = path(entry);
    let object = Json {
        time: Timestamp(entry.time).to_string(),
        client: entry.client.map(|client| client.to_string()),
        request_id: id(entry),
        method: entry.method.as_str(),
        path: &path,
        status: entry.status.map(|status| status.as_u16()),
        bytes: entry.sent,
        duration_ms: took.as_millis(),
        upstream_ms: entry.upstream.map(|time| time.as_millis()),
        identity: entry.admitted.subject(),
        aborted: !entry.ended,
        reason: entry.reason.as_deref(),
    };
    let json = serde_json::to_string(&object).expect("texts and numbers have a spelling in JSON");
    printable_json(&json)
}

/// The path as it was sent, but for a token in it: whether that would have been taken or not, it may
/// open something.
fn path(entry: &Entry) -> String {
    Redacted::new(entry.uri.path()).to_string()
}

/// The id is ASCII wherever it came from.
fn id(entry: &Entry) -> &str {
    entry.id.to_str().unwrap_or_default()
}

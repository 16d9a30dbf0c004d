use std::borrow::Cow;
use std::fmt::Write;

use http::StatusCode;
use portcullis::path_token::Redacted;
use serde::Serialize;

use super::record::Record;
use crate::cut::cut;
use crate::escape::{Field, Quoted, printable_json};
use crate::timestamp::Timestamp;

/// The longest path, method, identity and reason in a line, in bytes. A client can send longer ones, and
/// whoever issues its tokens can name it by a longer subject.
const LONGEST_PATH: usize = 2048;
const LONGEST_METHOD: usize = 32;
const LONGEST_IDENTITY: usize = 256;
const LONGEST_REASON: usize = 1024;

/// The format of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Which requests have a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogRequests {
    #[default]
    All,
    /// Those with a status of 400 or more, and those whose answer did not reach its end.
    Errors,
    Off,
}

impl LogRequests {
    pub(super) fn has(self, record: &Record) -> bool {
        let is_error = |status: StatusCode| status.is_client_error() || status.is_server_error();
        match self {
            Self::All => true,
            Self::Errors => !record.ended || record.status.is_none_or(is_error),
            Self::Off => false,
        }
    }
}

/// The names are stable, because programs read them.
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
    mount: Option<&'a str>,
    serves: Option<&'a str>,
    aborted: bool,
    reason: Option<&'a str>,
}

impl LogFormat {
    pub(super) fn line(self, record: &Record) -> String {
        match self {
            Self::Text => text(record),
            Self::Json => json(record),
        }
    }
}

fn text(record: &Record) -> String {
    let time = Timestamp(record.time);
    let client = record.client.map(|client| client.to_string());
    let client = Field(client.as_deref().unwrap_or_default());
    let id = Field(id(record));
    let method = method(record);
    let method = Field(&method);
    let path = path(record);
    let path = Field(&path);
    let status = record.status.as_ref().map_or("-", StatusCode::as_str);
    let upstream = record
        .upstream
        .map(|time| format!("{}ms", time.as_millis()));
    let upstream = upstream.as_deref().unwrap_or("-");
    let who = identity(record);
    let who = Field(who.as_deref().unwrap_or_default());
    let (sent, took) = (record.sent, record.took.as_millis());
    let mut line =
        format!("{time} {client} {id} {method} {path} {status} {sent}B {took}ms {upstream} {who}");
    if !record.ended {
        line.push_str(" aborted");
    }
    // Writing into a `String` does not fail.
    if let Some(reason) = reason(record) {
        let _ = write!(line, " reason={}", Quoted(&reason));
    }
    if let Some(mount) = record.reported.mount() {
        let _ = write!(
            line,
            " mount={} serves={}",
            Field(&mount.path),
            Field(&mount.serves)
        );
    }
    line
}

fn json(record: &Record) -> String {
    let (path, method) = (path(record), method(record));
    let (identity, reason) = (identity(record), reason(record));
    let mount = record.reported.mount();
    let object = Json {
        time: Timestamp(record.time).to_string(),
        client: record.client.map(|client| client.to_string()),
        request_id: id(record),
        method: &method,
        path: &path,
        status: record.status.map(|status| status.as_u16()),
        bytes: record.sent,
        duration_ms: record.took.as_millis(),
        upstream_ms: record.upstream.map(|time| time.as_millis()),
        identity: identity.as_deref(),
        mount: mount.map(|mount| &*mount.path),
        serves: mount.map(|mount| &*mount.serves),
        aborted: !record.ended,
        reason: reason.as_deref(),
    };
    let json = serde_json::to_string(&object).expect("texts and numbers have a spelling in JSON");
    printable_json(&json)
}

/// The path as the client sent it, with any token redacted, since even a refused token may be valid
/// elsewhere.
fn path(record: &Record) -> String {
    let path = cut(record.uri.path(), LONGEST_PATH);
    Redacted::new(&path).to_string()
}

fn method(record: &Record) -> Cow<'_, str> {
    cut(record.method.as_str(), LONGEST_METHOD)
}

fn identity(record: &Record) -> Option<Cow<'_, str>> {
    let subject = record.reported.subject()?;
    Some(cut(subject, LONGEST_IDENTITY))
}

fn reason(record: &Record) -> Option<Cow<'_, str>> {
    let reason = record.reason.as_deref()?;
    Some(cut(reason, LONGEST_REASON))
}

/// The id is always ASCII.
fn id(record: &Record) -> &str {
    record.id.to_str().unwrap_or_default()
}

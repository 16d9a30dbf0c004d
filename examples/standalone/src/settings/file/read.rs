use std::fs;
use std::path::Path;

use super::document::{Document, Mount};
use super::methods::{jwt, switch, tokens, users};
use super::place::Text;
use super::sso::sso;
use crate::settings::draft::{Draft, MountDraft};
use crate::settings::environment::Environment;
use crate::settings::error::{SettingError, Source};
use crate::settings::given::Given;
use crate::settings::problems::Problems;

/// Reads the file at `path`. Passwords come from the environment.
pub(in crate::settings) fn read(
    path: &Path,
    config: &Source,
    environment: &Environment,
) -> Result<Draft, Problems> {
    let text = fs::read_to_string(path).map_err(|error| {
        SettingError::wrong(config, format_args!("{}: {error}", path.display()))
    })?;
    let text = Text { path, text: &text };
    let document = toml::from_str(text.text).map_err(|error| text.error(&error))?;
    draft(document, &text, environment)
}

fn draft(
    document: Document,
    text: &Text<'_>,
    environment: &Environment,
) -> Result<Draft, Problems> {
    let Document {
        listen,
        workers,
        tls,
        log,
        limits,
        shutdown,
        health,
        mounts,
    } = document;
    let mut problems = Problems::default();
    if mounts.is_empty() {
        let path = text.path.display();
        problems.add(SettingError::missing(format!(
            "{path}: has no [[mounts]]: `portcullis config example` prints one"
        )));
    }
    let mounts = mounts
        .into_iter()
        .filter_map(|it| problems.take(mount(it.into_inner(), text, environment)))
        .collect();
    let workers = text.option("workers", workers).map(|given| Given {
        value: given.value.to_string(),
        source: given.source,
    });
    problems.none_or(Draft {
        listen: text.option("listen", listen),
        port: None,
        workers,
        certfile: text.option("tls.certfile", tls.certfile),
        keyfile: text.option("tls.keyfile", tls.keyfile),
        log_format: text.option("log.format", log.format),
        header_bytes: text.option("limits.header_bytes", limits.header_bytes),
        header_seconds: text.option("limits.header_seconds", limits.header_seconds),
        idle_seconds: text.option("limits.idle_seconds", limits.idle_seconds),
        connections: text.option("limits.connections", limits.connections),
        grace_seconds: text.option("shutdown.grace_seconds", shutdown.grace_seconds),
        deadline_seconds: text.option("shutdown.deadline_seconds", shutdown.deadline_seconds),
        live: text.option("health.live", health.live),
        ready: text.option("health.ready", health.ready),
        mounts,
    })
}

fn mount(
    mount: Mount,
    text: &Text<'_>,
    environment: &Environment,
) -> Result<MountDraft, SettingError> {
    let mut draft = MountDraft::at(text.given("mounts.path", mount.path));
    let public = mount.public.into_iter();
    draft.public = public.map(|it| text.given("mounts.public", it)).collect();
    draft.insecure_no_auth = switch("mounts.insecure_no_auth", mount.insecure_no_auth, text);
    draft.bucket = Some(text.given("mounts.s3.bucket", mount.s3.bucket));
    draft.prefix = text.option("mounts.s3.prefix", mount.s3.prefix);
    draft.region = text.option("mounts.s3.region", mount.s3.region);
    draft.endpoint = text.option("mounts.s3.endpoint_url", mount.s3.endpoint_url);
    draft.connect_seconds = text.option("mounts.s3.connect_seconds", mount.s3.connect_seconds);
    let first_byte = mount.s3.first_byte_seconds;
    draft.first_byte_seconds = text.option("mounts.s3.first_byte_seconds", first_byte);
    draft.idle_seconds = text.option("mounts.s3.idle_seconds", mount.s3.idle_seconds);
    draft.index = mount.s3.index;
    draft.content_types = text.option("mounts.s3.content_types", mount.s3.content_types);
    draft.html = text.option("mounts.s3.html", mount.s3.html);
    draft.not_found = text.option("mounts.s3.not_found", mount.s3.not_found);
    let parameters = mount.s3.query_parameters;
    draft.query_parameters = text.option("mounts.s3.query_parameters", parameters);
    let headers = mount.s3.response_headers;
    draft.response_headers = text.option("mounts.s3.response_headers", headers);
    draft.health_key = text.option("mounts.s3.health_key", mount.s3.health_key);
    if let Some(basic) = mount.basic {
        users(&mut draft, basic, text, environment)?;
    }
    draft.jwt = mount.jwt.map(|it| jwt(it, text)).transpose()?;
    draft.tokens = mount.tokens.map(|it| tokens(it, text));
    let sso = mount.sso.map(|it| sso(it, text, environment));
    draft.sso = sso.transpose()?;
    Ok(draft)
}

use portcullis::jwt::JwtVerifier;
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::{ConfigError, JwksKeys, JwtScopeLayer};

use super::access::REALM;
use super::error::{SettingError, Source};
use super::given::Given;
use super::issuer::{IssuerDraft, trusted};
use super::scopes::policy;
use crate::mount::Method;

/// `[mounts.jwt]`, or what `REQUIRE` and the variables beside it say.
pub(super) struct JwtDraft {
    pub(super) source: Source,
    /// All of the lists, and of each any one.
    pub(super) require: Option<Given<Vec<Vec<String>>>>,
    /// The URL by which authorization servers know what is served.
    pub(super) resource: Option<Given>,
    pub(super) issuers: Vec<IssuerDraft>,
}

/// A method that admits tokens of its issuers, and what goes with it.
pub(super) struct JwtMethod {
    pub(super) method: Method,
    /// Keys that can be fetched before the first token comes.
    pub(super) keys: Vec<JwksKeys>,
    pub(super) metadata: Option<ResourceMetadata>,
}

/// Judges the issuers, and reads the files that they name.
pub(super) fn jwt(draft: &JwtDraft) -> Result<JwtMethod, SettingError> {
    let wrong = |error: ConfigError| SettingError::wrong(&draft.source, error);
    let mut keys = Vec::new();
    let issuers = draft.issuers.iter();
    let issuers = issuers.map(|issuer| trusted(issuer, &mut keys));
    let issuers = issuers.collect::<Result<Vec<_>, _>>()?;
    let verifier = JwtVerifier::new(issuers).map_err(wrong)?;
    let mut layer = JwtScopeLayer::new(REALM, verifier).map_err(wrong)?;
    if let Some(require) = &draft.require {
        layer = layer.with_required_scopes(policy(require)?);
    }
    let metadata = draft.resource.as_ref();
    let metadata = metadata
        .map(|given| metadata_of(given, draft))
        .transpose()?;
    if let Some(metadata) = &metadata {
        layer = layer
            .with_resource_metadata(metadata.url())
            .map_err(wrong)?;
    }
    let names: Vec<_> = draft.issuers.iter().map(|it| &*it.issuer.value).collect();
    Ok(JwtMethod {
        method: Method::new(format!("tokens of {}", names.join(" and ")), layer),
        keys,
        metadata,
    })
}

/// The document that tells clients where to get a token.
fn metadata_of(resource: &Given, draft: &JwtDraft) -> Result<ResourceMetadata, SettingError> {
    let wrong = |error: ConfigError| match error.setting() {
        "resource" => resource.wrong(error.problem()),
        _ => resource.wrong(error),
    };
    let issuers = draft.issuers.iter().map(|it| &*it.issuer.value);
    let metadata = ResourceMetadata::new(&resource.value)
        .and_then(|metadata| metadata.with_authorization_servers(issuers))
        .map_err(wrong)?;
    let Some(require) = &draft.require else {
        return Ok(metadata);
    };
    let scopes = require.value.iter().flatten();
    metadata.with_scopes_supported(scopes).map_err(wrong)
}

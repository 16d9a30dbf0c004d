use std::sync::Arc;

use portcullis::Secret;
use portcullis::aws::{AwsConfigCredentials, Credentials, Region};

use super::document::Document;
use crate::given::{Environment, Given, SettingError};
use crate::leaf::context::{Keys, of_sdk};

/// The credentials that the table names, if it names any: an access key, a profile, or a role that the profile or
/// the credentials of the process can assume.
pub(super) fn own(
    document: &Document,
    region: &Region,
    environment: &Environment,
) -> Result<Option<Keys>, SettingError> {
    let secret = |variable: &Option<Given>, file: &Option<Given>| {
        environment.secret(variable.as_ref(), file.as_ref())
    };
    let id = secret(&document.access_key_id_env, &document.access_key_id_file)?;
    let key = secret(
        &document.secret_access_key_env,
        &document.secret_access_key_file,
    )?;
    let token = secret(&document.session_token_env, &document.session_token_file)?;
    let of_sdk_settings = [&document.profile, &document.role_arn];
    let sdk = of_sdk_settings.into_iter().flatten().next();
    if let (Some(id), Some(sdk)) = (&id, sdk) {
        return Err(SettingError::contradiction(&sdk.source, &id.source));
    }
    match (id, key) {
        (Some(id), Some(key)) => access_key(&id, &key, token.as_ref()).map(Some),
        (Some(id), None) => Err(id.wrong("needs secret_access_key_env or secret_access_key_file")),
        (None, Some(key)) => Err(key.wrong("needs access_key_id_env or access_key_id_file")),
        (None, None) => match token {
            Some(token) => Err(token.wrong("needs access_key_id_env or access_key_id_file")),
            None => Ok(of_profile(document, region)),
        },
    }
}

fn access_key(
    id: &Given<Secret>,
    key: &Given<Secret>,
    token: Option<&Given<Secret>>,
) -> Result<Keys, SettingError> {
    let credentials = Credentials::new(id.value.expose(), key.value.clone());
    let credentials = credentials.map_err(|error| match error.setting() {
        "access key id" => id.wrong(error.problem()),
        _ => key.wrong(error.problem()),
    })?;
    let Some(token) = token else {
        return Ok(Arc::new(credentials));
    };
    let credentials = credentials.with_session_token(token.value.expose());
    let credentials = credentials.map_err(|error| token.wrong(error.problem()))?;
    Ok(Arc::new(credentials))
}

fn of_profile(document: &Document, region: &Region) -> Option<Keys> {
    let Document {
        profile, role_arn, ..
    } = document;
    if profile.is_none() && role_arn.is_none() {
        return None;
    }
    let mut source = AwsConfigCredentials::new();
    if let Some(profile) = profile {
        source = source.with_profile(&profile.value);
    }
    if let Some(role) = role_arn {
        source = source.with_role(&role.value, region.clone());
    }
    Some(of_sdk(source))
}

use portcullis::path::RequestPath;

use crate::given::{Given, SettingError};

/// The path below the mount for a key below the prefix.
pub(crate) fn health_path(given: &Given) -> Result<String, SettingError> {
    // As a prefix, it may be written with the slash of a path.
    let key = given.value.trim_start_matches('/');
    // A key is not percent-encoded, so its percent sign has to be.
    let path = format!("/{}", key.replace('%', "%25"));
    let path = RequestPath::parse(&path).map_err(|error| given.wrong(error))?;
    if path.as_str().ends_with('/') {
        return Err(given.wrong("must be an object, not a folder"));
    }
    Ok(path.as_str().to_owned())
}

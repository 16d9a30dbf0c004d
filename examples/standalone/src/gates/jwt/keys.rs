use portcullis::jwt::{Algorithm, KeyFile, KeyFileError, KeySet};
use portcullis::{ConfigError, JwksKeys, Secret};

use super::document::Issuer;
use crate::error_chain::chain;
use crate::given::{Environment, Given, SettingError, Source};
use crate::stderr::say;

/// Refuses the settings of other keys beside those of `source`: what is not fetched has no URL.
pub(super) fn refuse_others(source: &Source, draft: &Issuer) -> Result<(), SettingError> {
    let others = [
        &draft.jwks_url,
        &draft.jwks_bearer_env,
        &draft.jwks_bearer_file,
    ];
    let others = others.into_iter().flatten().map(|given| &given.source);
    let secrets = [&draft.secret_env, &draft.secret_file];
    // Judged beside a file alone: a secret is one of the two.
    let secrets = secrets.into_iter().flatten().map(|given| &given.source);
    let secrets = secrets.filter(|_| draft.key_file.is_some());
    match others.chain(&draft.insecure_http.on).chain(secrets).next() {
        Some(other) => Err(SettingError::contradiction(source, other)),
        None => Ok(()),
    }
}

/// Public keys as PEM or a key set, which are read again when the file changes.
pub(super) fn of_file(file: &Given) -> Result<KeyFile, SettingError> {
    let path = &file.value;
    let wrong = |error: KeyFileError| file.wrong(format_args!("{path}: {}", chain(&error)));
    let keys = KeyFile::open(path).map_err(wrong)?;
    let current = keys.current();
    report_left_out(path, &current);
    if current.is_empty() {
        return Err(file.wrong(format_args!("{path}: has no usable key")));
    }
    Ok(keys.with_reload_observer(report(path.clone())))
}

fn report(path: String) -> impl Fn(Result<&KeySet, &KeyFileError>) {
    move |read| match read {
        Ok(keys) => {
            say(format_args!("{path} was reloaded: {} keys", keys.len()));
            report_left_out(&path, keys);
        }
        Err(error) => {
            let problem = chain(error);
            say(format_args!(
                "{path} cannot be reloaded, so the previous keys remain: {problem}"
            ));
        }
    }
}

fn report_left_out(path: &str, keys: &KeySet) {
    for key in keys.left_out() {
        say(format_args!("{path}: {key}"));
    }
}

/// The secret that is shared with the issuer, for the one algorithm of `algorithms`, by default HS256.
pub(super) fn of_secret(secret: &Given<Secret>, draft: &Issuer) -> Result<KeySet, SettingError> {
    let algorithm = match &draft.algorithms {
        None => Algorithm::Hs256,
        Some(given) => match given.value.as_slice() {
            [name] => name
                .parse()
                .map_err(|error: ConfigError| given.wrong(error.problem()))?,
            _ => return Err(given.wrong("must be one algorithm, since a secret is for one")),
        },
    };
    KeySet::from_hmac_secret(algorithm, secret.value.expose().as_bytes())
        .map_err(|error| secret.wrong(error))
}

/// Keys of a URL, or of the URL in the issuer's metadata.
pub(super) fn to_fetch(
    issuer: &Given,
    draft: &Issuer,
    environment: &Environment,
) -> Result<JwksKeys, SettingError> {
    let given = draft.jwks_url.as_ref().unwrap_or(issuer);
    let wrong = |error: ConfigError| given.wrong(error.problem());
    let url = &*given.value;
    let keys = match (&draft.jwks_url, &draft.insecure_http.on) {
        (Some(_), None) => JwksKeys::new(url),
        (Some(_), Some(_)) => JwksKeys::insecure_new_over_http(url),
        (None, None) => JwksKeys::discover(url),
        (None, Some(_)) => JwksKeys::insecure_discover_over_http(url),
    };
    let keys = with_bearer(keys.map_err(wrong)?, draft, environment)?;
    let (name, same) = (url.to_owned(), url.to_owned());
    let keys = keys.with_failure_observer(move |error| {
        let problem = chain(error);
        say(format_args!("cannot fetch the keys of {name}: {problem}"));
    });
    Ok(keys.with_left_out_observer(move |key| say(format_args!("keys of {same}: {key}"))))
}

fn with_bearer(
    keys: JwksKeys,
    draft: &Issuer,
    environment: &Environment,
) -> Result<JwksKeys, SettingError> {
    let (variable, file) = (&draft.jwks_bearer_env, &draft.jwks_bearer_file);
    // It is read now, so that a wrong name is reported, and the file again for each fetch.
    let Some(token) = environment.secret(variable.as_ref(), file.as_ref())? else {
        return Ok(keys);
    };
    if let Some(insecure) = &draft.insecure_http.on {
        return Err(SettingError::contradiction(&token.source, insecure));
    }
    Ok(match file {
        Some(file) => keys.with_bearer_file(&file.value),
        None => keys.with_bearer_token(token.value),
    })
}

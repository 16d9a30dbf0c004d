use std::fs;
use std::time::Duration;

use portcullis::jwt::{Algorithm, ClaimPath, KeySet, KeySource, TrustedIssuer};
use portcullis::{ConfigError, JwksKeys};

use super::claims;
use super::document::Issuer;
use crate::error_chain::chain;
use crate::given::{Given, OneOrMore, SettingError};
use crate::stderr::say;

/// Judges an issuer. Keys that are to be fetched are added to `fetched`.
pub(super) fn trusted(
    name: &Given,
    draft: &Issuer,
    fetched: &mut Vec<JwksKeys>,
) -> Result<TrustedIssuer, SettingError> {
    if has_user_information(&name.value) {
        return Err(name.wrong(
            "has user information before its host, which check and log would show: remove it",
        ));
    }
    let url = draft.jwks_url.as_ref().map(|given| &given.source);
    // With a file nothing is fetched, so that http has no meaning.
    let of_fetching = url.or(draft.insecure_http.on.as_ref());
    if let (Some(file), Some(other)) = (&draft.key_file, of_fetching) {
        return Err(SettingError::contradiction(&file.source, other));
    }
    let issuer = if let Some(file) = &draft.key_file {
        with_audience(name, draft, keys_of_file(file)?)?
    } else {
        let keys = keys_to_fetch(name, draft)?;
        fetched.push(keys.clone());
        with_audience(name, draft, keys)?
    };
    with_options(draft, issuer)
}

/// Whether an issuer, which need not be a URL, is one with a user or a password.
fn has_user_information(issuer: &str) -> bool {
    let authority = issuer.split_once("://").map(|(_, rest)| rest);
    let authority = authority.and_then(|rest| rest.split(['/', '?', '#']).next());
    authority.is_some_and(|authority| authority.contains('@'))
}

fn keys_of_file(file: &Given) -> Result<KeySet, SettingError> {
    let path = &file.value;
    let contents = fs::read(path).map_err(|error| file.wrong(format_args!("{path}: {error}")))?;
    KeySet::from_pem(&contents)
        .map_err(|error| file.wrong(format_args!("{path}: {}", chain(&error))))
}

fn keys_to_fetch(issuer: &Given, draft: &Issuer) -> Result<JwksKeys, SettingError> {
    let given = draft.jwks_url.as_ref().unwrap_or(issuer);
    let wrong = |error: ConfigError| given.wrong(error.problem());
    let url = &*given.value;
    let keys = match (&draft.jwks_url, &draft.insecure_http.on) {
        (Some(_), None) => JwksKeys::new(url),
        (Some(_), Some(_)) => JwksKeys::insecure_new_over_http(url),
        (None, None) => JwksKeys::discover(url),
        (None, Some(_)) => JwksKeys::insecure_discover_over_http(url),
    };
    let (name, same) = (url.to_owned(), url.to_owned());
    let keys = keys.map_err(wrong)?.with_failure_observer(move |error| {
        let problem = chain(error);
        say(format_args!("cannot fetch the keys of {name}: {problem}"));
    });
    Ok(keys.with_left_out_observer(move |key| say(format_args!("keys of {same}: {key}"))))
}

fn with_audience(
    issuer: &Given,
    draft: &Issuer,
    keys: impl KeySource,
) -> Result<TrustedIssuer, SettingError> {
    let name = &*issuer.value;
    match (&draft.audience, &draft.insecure_any_audience.on) {
        (Some(given), None) => {
            TrustedIssuer::new(name, given.value.as_slice(), keys).map_err(|error| {
                match error.setting() {
                    "issuer" => issuer.wrong(error.problem()),
                    _ => given.wrong(error.problem()),
                }
            })
        }
        (None, Some(_)) => TrustedIssuer::insecure_with_any_audience(name, keys)
            .map_err(|error| issuer.wrong(error.problem())),
        (Some(given), Some(insecure)) => Err(SettingError::contradiction(insecure, &given.source)),
        (None, None) => Err(issuer.wrong("needs an audience")),
    }
}

fn with_options(draft: &Issuer, mut issuer: TrustedIssuer) -> Result<TrustedIssuer, SettingError> {
    if let Some(given) = &draft.profile {
        if given.value != "at+jwt" {
            let value = &given.value;
            return Err(given.wrong(format_args!("{value:?} is not at+jwt, the only profile")));
        }
        issuer = issuer.with_access_token_profile();
    }
    if let Some(given) = &draft.algorithms {
        let names = given.value.iter();
        let algorithms = names.map(|name| name.parse::<Algorithm>());
        let algorithms: Vec<_> = algorithms
            .collect::<Result<_, _>>()
            .map_err(|error: ConfigError| given.wrong(error.problem()))?;
        let narrowed = issuer.with_algorithms(algorithms);
        issuer = narrowed.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(given) = &draft.leeway_seconds {
        let seconds = given.number(0..=300)?;
        let leeway = issuer.with_leeway(Duration::from_secs(seconds.into()));
        issuer = leeway.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(given) = &draft.scope_claims {
        let wrong = |error: ConfigError| given.wrong(error.problem());
        let paths = given.value.iter().map(OneOrMore::as_slice);
        let paths = paths.map(ClaimPath::new);
        let paths: Vec<_> = paths.collect::<Result<_, _>>().map_err(wrong)?;
        issuer = issuer.with_scope_claims(paths).map_err(wrong)?;
    }
    if let Some(given) = &draft.subject_claim {
        let path = ClaimPath::new(given.value.as_slice());
        let path = path.map_err(|error| given.wrong(error.problem()))?;
        issuer = issuer.with_subject_claim(path);
    }
    if let Some(policy) = claims::policy(&draft.required_claims)? {
        issuer = issuer.with_required_claims(policy);
    }
    Ok(issuer)
}

#[cfg(test)]
mod tests {
    use super::has_user_information;

    #[test]
    fn an_issuer_is_a_url_without_a_user_or_any_name() {
        for (issuer, refused) in [
            ("https://ana:pa55word@idp.test", true),
            ("https://ana@idp.test/realm", true),
            ("https://idp.test/@realm", false),
            ("https://idp.test?x=a@b", false),
            ("ci@project.example.com", false),
            ("idp", false),
        ] {
            assert_eq!(has_user_information(issuer), refused, "{issuer}");
        }
    }
}

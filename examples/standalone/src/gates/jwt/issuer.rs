use std::time::Duration;

use portcullis::ConfigError;
use portcullis::JwksKeys;
use portcullis::jwt::{Algorithm, ClaimPath, KeySource, TrustedIssuer};

use super::document::Issuer;
use super::{claims, keys};
use crate::given::{Environment, Given, OneOrMore, SettingError};

/// Judges an issuer. Keys that are to be fetched are added to `fetched`.
pub(super) fn trusted(
    name: &Given,
    draft: &Issuer,
    environment: &Environment,
    fetched: &mut Vec<JwksKeys>,
) -> Result<TrustedIssuer, SettingError> {
    if has_user_information(&name.value) {
        return Err(name.wrong(
            "has user information before its host, which check and log would show: remove it",
        ));
    }
    let issuer = if let Some(file) = &draft.key_file {
        keys::refuse_others(&file.source, draft)?;
        with_audience(name, draft, keys::of_file(file)?)?
    } else if let Some(secret) =
        environment.secret(draft.secret_env.as_ref(), draft.secret_file.as_ref())?
    {
        keys::refuse_others(&secret.source, draft)?;
        with_audience(name, draft, keys::of_secret(&secret, draft)?)?
    } else {
        let keys = keys::to_fetch(name, draft, environment)?;
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
    if let Some(given) = &draft.claims_of_variable {
        let policy = given.value.parse();
        let policy = policy.map_err(|error: ConfigError| given.wrong(error.problem()))?;
        issuer = issuer.with_required_claims(policy);
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

use std::fmt::Write;

use portcullis::Secret;
use sha2::{Digest, Sha256};

use super::draft::{AllowedDraft, EndpointsDraft, ProviderDraft, SsoDraft};
use super::redis_url::redis_url;
use super::variables::{list, needed, previous_cookie_secrets, secret};
use crate::settings::error::{SettingError, Source};
use crate::settings::finder::Finder;
use crate::settings::given::Given;

/// What `SSO_URL` is read with.
pub(super) const OF_STREAMING_PROXY: [&str; 11] = [
    "COOKIE_SECRET",
    "COOKIE_SECRET_PREVIOUS",
    "PUBLIC_URL",
    "REDIS_ENDPOINT",
    "SSO_CLIENT_ID",
    "SSO_CLIENT_SECRET",
    "SSO_TOKEN_CHECK_GRACE_PERIOD",
    "SSO_URL",
    "SSO_URL_INTERNAL",
    "TRUSTED_PROXIES",
    "VCAP_SERVICES",
];

/// After so long a token is asked about again, where nothing else is said.
const GRACE_SECONDS: i64 = 3600;

/// Sign-in as the OAuth streaming proxy has it, by its variables.
pub(super) fn streaming_proxy(url: Given, finder: &mut Finder<'_>) -> Option<SsoDraft> {
    let client_id = needed("SSO_CLIENT_ID", &url, finder);
    let client_secret = needed("SSO_CLIENT_SECRET", &url, finder).map(secret);
    let redis_url = redis_url(finder.environment);
    let redis_url = finder.problems.take(redis_url);
    if let Some(None) = redis_url {
        let problem = "needs REDIS_ENDPOINT or VCAP_SERVICES, which are not set";
        let missing = url.wrong(problem);
        finder.problems.add(missing);
    }
    let internal = finder.variable("SSO_URL_INTERNAL");
    for given in [Some(&url), internal.as_ref()].into_iter().flatten() {
        let is_base = refuse_query(given);
        finder.problems.take(is_base);
    }
    let internal = internal.unwrap_or_else(|| url.clone());
    let grace = finder.variable("SSO_TOKEN_CHECK_GRACE_PERIOD");
    let grace = grace.map(|given| seconds(&given));
    let grace = grace.unwrap_or(Ok(Given {
        value: GRACE_SECONDS,
        source: Source::Default("SSO_TOKEN_CHECK_GRACE_PERIOD"),
    }));
    let grace = finder.problems.take(grace);
    refuse_lists(&url, finder);
    let cookie_secret = finder.variable("COOKIE_SECRET").map(secret);
    let client_secret = client_secret?;
    Some(SsoDraft {
        source: url.source.clone(),
        provider: ProviderDraft::Endpoints(EndpointsDraft {
            authorize: below(&url, "o/authorize/"),
            token: below(&internal, "o/token/"),
            user: Some(below(&internal, "api/v1/user/me/")),
            recheck_seconds: Some(grace?),
        }),
        client_id: client_id?,
        is_derived: cookie_secret.is_none(),
        cookie_secret: cookie_secret.unwrap_or_else(|| derived(&client_secret)),
        client_secret: Some(client_secret),
        scopes: Some(Given {
            value: vec![String::from("read"), String::from("write")],
            source: url.source.clone(),
        }),
        insecure_http: Some(url.source.clone()),
        public_url: finder.variable("PUBLIC_URL"),
        trusted_proxies: list("TRUSTED_PROXIES", finder),
        previous_cookie_secrets: previous_cookie_secrets(finder),
        allowed: AllowedDraft {
            everyone: Some(url.source),
            ..AllowedDraft::default()
        },
        lifetime_seconds: None,
        idle_seconds: None,
        same_site: None,
        redis_url: redis_url?,
        is_streaming_proxy: true,
        variables: OF_STREAMING_PROXY.map(str::to_owned).to_vec(),
    })
}

/// The endpoint at `path` below the URL of the provider, which ends in a slash or lacks it.
fn below(url: &Given, path: &str) -> Given {
    let base = url.value.strip_suffix('/').unwrap_or(&url.value);
    Given {
        value: format!("{base}/{path}"),
        source: url.source.clone(),
    }
}

/// What would stand behind it could not be a path.
fn refuse_query(url: &Given) -> Result<(), SettingError> {
    if url.value.contains(['?', '#']) {
        return Err(url.wrong("has a query or a fragment"));
    }
    Ok(())
}

fn seconds(given: &Given) -> Result<Given<i64>, SettingError> {
    let value = given.value.parse().map_err(|_| {
        let value = &given.value;
        given.wrong(format_args!("{value:?} is not a number of seconds"))
    })?;
    Ok(Given {
        value,
        source: given.source.clone(),
    })
}

/// What seals cookies where there is no `COOKIE_SECRET`: gateways of one environment have one.
fn derived(client_secret: &Given<Secret>) -> Given<Secret> {
    let mut hash = Sha256::new();
    hash.update(b"portcullis: cookies of the OAuth streaming proxy\0");
    hash.update(client_secret.value.expose());
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing into a `String` does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Given {
        value: Secret::new(hex),
        source: client_secret.source.clone(),
    }
}

/// That provider says nothing of people at sign-in, so that no list could let anybody in.
fn refuse_lists(url: &Given, finder: &mut Finder<'_>) {
    for name in ["ALLOWED_EMAILS", "ALLOWED_DOMAINS", "ALLOWED_GROUPS"] {
        if finder.environment.has(name) {
            let list = Source::Environment(name);
            let both = SettingError::contradiction(&list, &url.source);
            finder.problems.add(both);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: &str) -> Given {
        Given {
            value: value.to_owned(),
            source: Source::Environment("SSO_URL"),
        }
    }

    #[test]
    fn a_url_of_the_provider_may_lack_its_slash() {
        for (url, expected) in [
            ("https://sso/", "https://sso/o/token/"),
            ("https://sso", "https://sso/o/token/"),
            ("https://sso/auth/", "https://sso/auth/o/token/"),
        ] {
            assert_eq!(below(&given(url), "o/token/").value, expected, "{url}");
        }
    }

    /// By `printf 'portcullis: cookies of the OAuth streaming proxy\0s3cr3t' | sha256sum`.
    #[test]
    fn gateways_with_one_client_secret_have_one_cookie_secret() {
        let derived_secret = derived(&secret(given("s3cr3t"))).value;
        let expected = "6c64a3e351115e504ccb6cdddaacfed446f7f00ea25c8647f192595720abe15f";
        assert_eq!(derived_secret.expose(), expected);
        let other = derived(&secret(given("s3cr3u"))).value;
        assert_ne!(other.expose(), expected);
    }
}

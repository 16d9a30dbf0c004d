use std::fmt::Write;

use portcullis::Secret;
use sha2::{Digest, Sha256};

use super::document::Document;
use super::secrets::{Secrets, previous};
use super::vcap::redis_url;
use crate::gates::people::Profile;
use crate::given::{Finder, Given, SettingError, Source, Switch};

/// The number of seconds after which a token is checked again by default.
const GRACE_SECONDS: i64 = 3600;

/// Sign-in by the variables of the OAuth streaming proxy, with its defaults.
pub(super) fn streaming_proxy(url: &Given, finder: &mut Finder<'_>) -> Option<Given<Document>> {
    let client_id = finder.needed("SSO_CLIENT_ID", url);
    let client_secret = finder.needed_secret("SSO_CLIENT_SECRET", "SSO_CLIENT_SECRET_FILE", url);
    let redis_url = redis_url(finder);
    let redis_url = finder.problems.take(redis_url);
    if let Some(None) = redis_url {
        let problem =
            "needs REDIS_ENDPOINT, REDIS_ENDPOINT_FILE or VCAP_SERVICES, which are not set";
        finder.problems.add(url.wrong(problem));
    }
    let internal = finder.variable("SSO_URL_INTERNAL");
    for given in [Some(url), internal.as_ref()].into_iter().flatten() {
        let is_base = refuse_query(given);
        finder.problems.take(is_base);
    }
    let internal = internal.unwrap_or_else(|| url.clone());
    let grace = grace(finder);
    refuse_lists(url, finder);
    let cookie_secret = finder.secret("COOKIE_SECRET", "COOKIE_SECRET_FILE");
    let source = url.source.clone();
    let is_on = || Switch {
        on: Some(source.clone()),
    };
    let mut document = Document {
        authorize_url: Some(below(url, "o/authorize/")),
        token_url: Some(below(&internal, "o/token/")),
        user_url: Some(below(&internal, "api/v1/user/me/")),
        client_id,
        scopes: Some(Given {
            value: vec![String::from("read"), String::from("write")],
            source: source.clone(),
        }),
        insecure_http: is_on(),
        public_url: finder.variable("PUBLIC_URL"),
        allow_everyone_signed_in: is_on(),
        profile: Profile::StreamingProxy,
        ..Document::default()
    };
    let previous_cookie = previous(finder);
    let client = client_secret?;
    document.recheck_seconds = Some(grace?);
    document.secrets = Some(Secrets {
        is_derived: cookie_secret.is_none(),
        cookie: cookie_secret.unwrap_or_else(|| derived(&client)),
        client: Some(client),
        previous_cookie,
        redis_url: redis_url?,
    });
    Some(Given {
        value: document,
        source,
    })
}

/// The endpoint at `path` below the URL of the provider, with or without a final slash.
fn below(url: &Given, path: &str) -> Given {
    let base = url.value.strip_suffix('/').unwrap_or(&url.value);
    Given {
        value: format!("{base}/{path}"),
        source: url.source.clone(),
    }
}

/// A path cannot be appended to a query or a fragment.
fn refuse_query(url: &Given) -> Result<(), SettingError> {
    if url.value.contains(['?', '#']) {
        return Err(url.wrong("has a query or a fragment"));
    }
    Ok(())
}

/// The number of seconds after which a token is checked again.
fn grace(finder: &mut Finder<'_>) -> Option<Given<i64>> {
    let name = "SSO_TOKEN_CHECK_GRACE_PERIOD";
    let Some(Given { value, source }) = finder.variable(name) else {
        return Some(Given {
            value: GRACE_SECONDS,
            source: Source::Default(name),
        });
    };
    let seconds = value.parse().map_err(|_| {
        SettingError::wrong(
            &source,
            format_args!("{value:?} is not a number of seconds"),
        )
    });
    let value = finder.problems.take(seconds)?;
    Some(Given { value, source })
}

/// The secret that seals cookies without a `COOKIE_SECRET`. Gateways of one environment have the same.
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

/// That provider does not describe its users at sign-in, so that a list would admit nobody.
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
    fn the_provider_url_may_lack_its_slash() {
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
    fn equal_client_secrets_make_equal_cookie_secrets() {
        let derived_secret = derived(&given("s3cr3t").map(Secret::new)).value;
        let expected = "6c64a3e351115e504ccb6cdddaacfed446f7f00ea25c8647f192595720abe15f";
        assert_eq!(derived_secret.expose(), expected);
        let other = derived(&given("s3cr3u").map(Secret::new)).value;
        assert_ne!(other.expose(), expected);
    }
}

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::Clock;
use portcullis::jwt::{Algorithm, ClaimPath, JwtVerifier, KeyError, KeySet, TrustedIssuer};
use serde::Deserialize;

/// A token, what it is judged by, and what it is worth.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    /// Who made the token.
    pub(super) source: String,
    /// The name of the key set.
    keys: String,
    /// Where they are not those of `rules.json`.
    rules: Changes,
    pub(super) token: String,
    pub(super) expect: Expect,
    pub(super) reason: String,
    /// Of an accepted one.
    pub(super) subject: Option<String>,
    /// Of an accepted one.
    pub(super) scopes: Option<Vec<String>>,
    #[serde(rename = "others")]
    _others: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Expect {
    Accepted,
    /// Not a token in compact form.
    Absent,
    Invalid,
    /// The keys are not taken.
    Misconfigured,
}

/// What the configuration says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    issuer: String,
    audiences: Vec<String>,
    profile: Profile,
    /// In seconds.
    leeway: u64,
    /// In seconds since 1970.
    now: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Changes {
    issuer: Option<String>,
    /// `null` is for any audience.
    #[expect(clippy::option_option, reason = "null and absent are two things")]
    #[serde(deserialize_with = "given")]
    audiences: Option<Option<Vec<String>>>,
    profile: Option<Profile>,
    leeway: Option<u64>,
    now: Option<u64>,
    /// `None`: all that the keys permit.
    algorithms: Option<Vec<String>>,
    /// `None`: the usual ones.
    scope_claims: Option<Vec<Vec<String>>>,
    /// More issuers.
    also: Vec<Other>,
}

/// Tells `null` from nothing.
#[expect(clippy::option_option, reason = "null and absent are two things")]
fn given<'de, D>(deserializer: D) -> Result<Option<Option<Vec<String>>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Deserialize::deserialize(deserializer).map(Some)
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Profile {
    Any,
    AccessToken,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    issuer: String,
    audiences: Vec<String>,
    keys: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, untagged)]
enum Keys {
    Jwks {
        jwks: String,
    },
    Pem {
        pem: String,
    },
    /// In base64url.
    Secret {
        secret: String,
        algorithm: String,
    },
}

/// What the rows have in common.
pub(super) struct Corpus {
    keys: BTreeMap<String, Keys>,
    rules: Rules,
}

impl Corpus {
    pub(super) fn load() -> Self {
        Self {
            keys: serde_json::from_str(include_str!("keys.json")).unwrap(),
            rules: serde_json::from_str(include_str!("rules.json")).unwrap(),
        }
    }

    /// What judges the row's token, if its keys are taken.
    pub(super) fn verifier(&self, row: &Row) -> Result<JwtVerifier, KeyError> {
        let (rules, changes) = (&self.rules, &row.rules);
        let keys = self.key_set(&row.keys)?;
        let issuer = changes.issuer.as_ref().unwrap_or(&rules.issuer);
        let mut trusted = match changes
            .audiences
            .clone()
            .unwrap_or_else(|| Some(rules.audiences.clone()))
        {
            Some(audiences) => TrustedIssuer::new(issuer, audiences, keys).unwrap(),
            None => TrustedIssuer::insecure_with_any_audience(issuer, keys).unwrap(),
        };
        if changes.profile.unwrap_or(rules.profile) == Profile::AccessToken {
            trusted = trusted.with_access_token_profile();
        }
        if let Some(names) = &changes.algorithms {
            trusted = trusted
                .with_algorithms(names.iter().map(|name| algorithm(name)))
                .unwrap();
        }
        if let Some(paths) = &changes.scope_claims {
            let paths = paths.iter().map(|path| ClaimPath::new(path).unwrap());
            trusted = trusted.with_scope_claims(paths).unwrap();
        }
        let leeway = Duration::from_secs(changes.leeway.unwrap_or(rules.leeway));
        let mut issuers = vec![trusted.with_leeway(leeway).unwrap()];
        for other in &changes.also {
            let keys = self.key_set(&other.keys)?;
            issuers.push(TrustedIssuer::new(&other.issuer, &other.audiences, keys).unwrap());
        }
        let now = Duration::from_secs(changes.now.unwrap_or(rules.now));
        Ok(JwtVerifier::new(issuers)
            .unwrap()
            .with_clock(Standing(SystemTime::UNIX_EPOCH + now)))
    }

    fn key_set(&self, name: &str) -> Result<KeySet, KeyError> {
        match &self.keys[name] {
            Keys::Jwks { jwks } => KeySet::from_jwks(jwks.as_bytes()),
            Keys::Pem { pem } => KeySet::from_pem(pem.as_bytes()),
            Keys::Secret {
                secret,
                algorithm: name,
            } => {
                KeySet::from_hmac_secret(algorithm(name), &URL_SAFE_NO_PAD.decode(secret).unwrap())
            }
        }
    }
}

fn algorithm(name: &str) -> Algorithm {
    match name {
        "HS256" => Algorithm::Hs256,
        "HS384" => Algorithm::Hs384,
        "HS512" => Algorithm::Hs512,
        "RS256" => Algorithm::Rs256,
        "PS256" => Algorithm::Ps256,
        "ES256" => Algorithm::Es256,
        "EdDSA" => Algorithm::EdDsa,
        other => panic!("no row has {other} in its rules"),
    }
}

#[derive(Debug)]
struct Standing(SystemTime);

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        self.0
    }
}

//! One error into which those of all constructors convert.

use std::error::Error;

use portcullis::aws::CredentialsError;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::AnyOf;
use portcullis::htpasswd::HtpasswdTable;
use portcullis::jwt::KeySet;
use portcullis::path::ObjectKey;
use portcullis::s3::Bucket;
use portcullis::token::{TokenFile, TokenTable, Tokens};
use portcullis::{ConfigError, HtpasswdUsers, TokenAuthLayer};

/// Builds what its name says, by `?` alone.
fn build(part: &str) -> Result<(), ConfigError> {
    match part {
        "users" => drop(FixedUsers::new([("ci", "s3cret")])?.with_scopes("ana", ["read"])?),
        "htpasswd" => {
            let users = HtpasswdUsers::new(HtpasswdTable::parse(b"ci:{SHA}")?);
            drop(AnyOf::new([BasicAuthLayer::new("packages", users)?])?);
        }
        "htpasswd file" => drop(HtpasswdUsers::from_file("/nowhere/htpasswd")?),
        "keys" => drop(KeySet::from_pem(b"no PEM")?),
        "tokens" => {
            let tokens = Tokens::new(TokenTable::parse(b"[]")?);
            drop(TokenAuthLayer::new("packages", tokens)?);
        }
        "token file" => drop(TokenFile::open("/nowhere/tokens.json")?),
        "path" => drop(ObjectKey::from_path(
            "/a/../b",
            &portcullis::path::KeyPrefix::new("")?,
        )?),
        "bucket" => drop(Bucket::new("wheels", "no region")?),
        "credentials" => {
            let cause = std::fmt::Error;
            Err(CredentialsError::new("there are none").with_source(cause))?;
        }
        _ => unreachable!("{part}"),
    }
    Ok(())
}

#[test]
fn the_error_of_every_constructor_converts_into_one() {
    for (part, setting, has_source) in [
        ("users", "user", false),
        ("htpasswd", "htpasswd", false),
        ("htpasswd file", "htpasswd", true),
        ("keys", "keys", false),
        ("tokens", "tokens", false),
        ("token file", "tokens", true),
        ("path", "path", false),
        ("bucket", "region", false),
        ("credentials", "credentials", true),
    ] {
        let error = build(part).unwrap_err();
        assert_eq!(error.setting(), setting, "{part}");
        assert_eq!(error.source().is_some(), has_source, "{part}");
        assert_eq!(error.to_string(), format!("{setting}: {}", error.problem()));
    }
}

#[test]
fn a_converted_error_keeps_message_and_source() {
    let original = CredentialsError::new("there are none").with_source(std::fmt::Error);
    let error = ConfigError::from(original.clone());
    assert_eq!(error.problem(), original.to_string());
    let source = error.source().unwrap();
    assert_eq!(source.to_string(), std::fmt::Error.to_string());
    assert!(source.is::<std::fmt::Error>());
}

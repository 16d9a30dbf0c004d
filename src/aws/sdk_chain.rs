use std::error::Error;
use std::fmt;

use aws_config::Region as SdkRegion;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider};

use super::credentials::Credentials;
use super::error::CredentialsError;
use super::provider::{CredentialsFuture, CredentialsProvider};
use super::region::Region;
use crate::error::ConfigError;

/// The credentials of the AWS SDKs' default chain: the first that it finds in the environment, in a
/// profile (long-term keys, an assumed role, SSO, a process), by a web identity token, in an ECS or
/// EKS container, or from `IMDSv2` on an EC2 instance.
///
/// It keeps nothing: every call asks the chain again. Put it into
/// [`RefreshingCredentials`](super::RefreshingCredentials), which keeps the credentials.
#[derive(Clone, Debug, Default)]
pub struct AwsConfigCredentials {
    profile: Option<String>,
    role: Option<Role>,
}

/// A role to assume.
#[derive(Clone, Debug)]
struct Role {
    arn: String,
    region: Region,
}

impl AwsConfigCredentials {
    /// The chain, with the environment and the profiles of this process.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the credentials of this profile, whatever the environment has.
    #[must_use]
    pub fn with_profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Assumes the role of this ARN, by STS in `region`, with the credentials that were found.
    #[must_use]
    pub fn with_role(mut self, arn: impl Into<String>, region: Region) -> Self {
        let arn = arn.into();
        self.role = Some(Role { arn, region });
        self
    }

    async fn ask(self) -> Result<Credentials, CredentialsError> {
        let region = region_chain().region().await;
        // A new provider for each call. A kept one reads the profiles once, gives another error the second
        // time than the first, and returns the last answer of IMDS while IMDS fails, which would hide the
        // failure.
        let source = if let Some(name) = &self.profile {
            let provider = ProviderConfig::without_region().with_region(region);
            let profile = ProfileFileCredentialsProvider::builder().configure(&provider);
            SharedCredentialsProvider::new(profile.profile_name(name).build())
        } else {
            // Without a region, the chain would ask IMDS, which takes seconds if there is none.
            let chain = DefaultCredentialsChain::builder().region(region);
            SharedCredentialsProvider::new(chain.build().await)
        };
        let Some(Role { arn, region }) = self.role else {
            return of_sdk(source.provide_credentials().await);
        };
        let role = AssumeRoleProvider::builder(arn)
            .session_name("portcullis")
            .region(SdkRegion::new(region.as_str().to_owned()))
            .build_from_provider(source);
        of_sdk(role.await.provide_credentials().await)
    }
}

impl CredentialsProvider for AwsConfigCredentials {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::new(self.clone().ask())
    }
}

fn of_sdk(found: provider::Result) -> Result<Credentials, CredentialsError> {
    let found = found.map_err(|error| {
        CredentialsError::new("the SDK's chain gave no credentials").with_source(Causes::of(&error))
    })?;
    from_sdk(&found).map_err(|error| {
        CredentialsError::new("the SDK's chain gave credentials that cannot be used")
            .with_source(error)
    })
}

fn from_sdk(found: &aws_credential_types::Credentials) -> Result<Credentials, ConfigError> {
    let mut credentials = Credentials::new(found.access_key_id(), found.secret_access_key())?;
    if let Some(token) = found.session_token() {
        credentials = credentials.with_session_token(token)?;
    }
    Ok(match found.expiry() {
        Some(expires_at) => credentials.with_expires_at(expires_at),
        None => credentials,
    })
}

/// The region in `AWS_REGION` or `AWS_DEFAULT_REGION`, else that of the profile, if any.
///
/// # Errors
///
/// Returns [`ConfigError`] if [`Region::new`] refuses the name.
pub async fn region_from_environment() -> Result<Option<Region>, ConfigError> {
    let found = region_chain().region().await;
    found.map(|region| Region::new(region.as_ref())).transpose()
}

fn region_chain() -> RegionProviderChain {
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
}

/// The messages of an error of the SDK and of its causes. The error's own `Debug` would print an answer
/// that could not be parsed, which may hold a secret.
struct Causes(String);

impl Causes {
    fn of(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        // One line: the SDK repeats the stderr of a process, which could forge lines of a log.
        let words: Vec<_> = text.split_whitespace().collect();
        Self(words.join(" "))
    }
}

impl fmt::Debug for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Causes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_have_the_messages_and_no_debug_output() {
        #[derive(Debug)]
        struct NotUnderstood {
            #[expect(dead_code, reason = "read by `Debug`")]
            answer: &'static str,
        }
        impl fmt::Display for NotUnderstood {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no such\n  field")
            }
        }
        impl Error for NotUnderstood {}

        let answer = "s3cret";
        let cause = NotUnderstood { answer };
        let error = provider::error::CredentialsError::unhandled(cause);
        assert!(
            format!("{error:?}").contains("s3cret"),
            "the secret is there to be hidden"
        );
        let causes = Causes::of(&error);
        assert!(causes.to_string().ends_with(": no such field"), "{causes}");
        let printed = format!("{:?}", CredentialsError::new("none").with_source(causes));
        assert!(!printed.contains("s3cret"), "{printed}");
    }

    #[test]
    fn credentials_of_the_sdk_are_taken_over_whole() {
        use std::time::{Duration, SystemTime};

        let sdk = |id, token: Option<&str>, expiry| {
            aws_credential_types::Credentials::new(id, "s3cret", token.map(Into::into), expiry, "")
        };
        let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        let temporary = from_sdk(&sdk("AKID", Some("t0k3n"), Some(expiry))).unwrap();
        assert_eq!(temporary.access_key_id(), "AKID");
        assert_eq!(temporary.secret_access_key().expose(), "s3cret");
        assert_eq!(temporary.session_token().unwrap(), "t0k3n");
        assert_eq!(temporary.expires_at(), Some(expiry));
        let long_term = from_sdk(&sdk("AKID", None, None)).unwrap();
        assert!(long_term.session_token().is_none());
        assert_eq!(long_term.expires_at(), None);
        for (name, refused) in [
            ("an id of other letters", sdk("A/B", None, None)),
            ("a token of two lines", sdk("AKID", Some("a\nb"), None)),
        ] {
            assert!(from_sdk(&refused).is_err(), "{name}");
        }
    }
}

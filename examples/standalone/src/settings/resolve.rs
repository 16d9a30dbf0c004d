use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use portcullis::ConfigError;
use portcullis::aws::{Credentials, Region};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::s3::Bucket;

use super::environment::Environment;
use super::error::{SettingError, Source};
use super::given::{Given, parse_address};
use crate::flags::ServeFlags;

/// What stores of other makers take where nothing else is said.
const REGION_OF_OTHER_STORES: &str = "us-east-1";

/// What the program does with all this.
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    /// Which setting the address came from, for the error where it is taken.
    pub(crate) listen_source: Source,
    pub(crate) bucket: Bucket,
    pub(crate) credentials: Credentials,
    /// `None` only where that was asked for.
    pub(crate) gate: Option<BasicAuthLayer>,
    pub(crate) workers: Option<NonZeroUsize>,
}

impl Settings {
    /// Puts the settings together. What is wrong is reported before what is missing, and the bucket
    /// before what goes with it.
    pub(crate) fn resolve(
        flags: &ServeFlags,
        environment: &Environment,
    ) -> Result<Self, SettingError> {
        let (listen, listen_source) = listen(flags, environment)?;
        let workers = flags.workers.as_deref().map(|value| {
            let source = Source::Flag("--workers");
            Given { value, source }.workers()
        });
        let workers = workers.transpose()?;
        let bucket = bucket(flags, environment)?;
        let gate = gate(flags, environment)?;
        Ok(Self {
            listen,
            listen_source,
            bucket: bucket.ok_or_else(missing_region)?,
            credentials: credentials(environment)?,
            gate,
            workers,
        })
    }
}

fn listen(
    flags: &ServeFlags,
    environment: &Environment,
) -> Result<(SocketAddr, Source), SettingError> {
    if let Some(value) = &flags.listen {
        return Ok((parse_address(value)?, Source::Flag("--listen")));
    }
    if let Some(value) = environment.get("PORT")? {
        let source = Source::Environment("PORT");
        return Ok((Given { value, source }.port()?, source));
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    Ok((address, Source::Default("--listen")))
}

/// The bucket, or none where its region is not known.
fn bucket(flags: &ServeFlags, environment: &Environment) -> Result<Option<Bucket>, SettingError> {
    let find = |flag, variable| Given::find(flag, variable, environment);
    let bucket = find(("--bucket", flags.bucket.as_deref()), "AWS_S3_BUCKET")?;
    let prefix = find(("--key-prefix", flags.key_prefix.as_deref()), "KEY_PREFIX")?;
    let region = find(("--region", flags.region.as_deref()), "AWS_DEFAULT_REGION")?;
    let endpoint = ("--endpoint-url", flags.endpoint_url.as_deref());
    let endpoint = find(endpoint, "S3_ENDPOINT_URL")?;

    if let Some(region) = region {
        Region::new(region.value).map_err(|error| region.wrong(error.problem()))?;
    }
    let location = bucket.ok_or_else(missing_bucket)?;
    // The region stands in until it is known to be missing, so that the rest is judged before.
    let name = region.map_or(REGION_OF_OTHER_STORES, |region| region.value);
    let mut bucket = Bucket::new(location.value, name).map_err(|error| {
        location.wrong(match error.setting() {
            "bucket" => error.problem().to_owned(),
            _ => error.to_string(),
        })
    })?;
    if let Some(prefix) = prefix {
        bucket = bucket
            .with_prefix(prefix.value)
            .map_err(|error| prefix.wrong(error.problem()))?;
    }
    if let Some(endpoint) = endpoint {
        bucket = bucket
            .with_endpoint(endpoint.value)
            .map_err(|error| endpoint.wrong(error.problem()))?;
    }
    let region_is_known = region.is_some() || endpoint.is_some();
    Ok(region_is_known.then_some(bucket))
}

/// The gate, or none where that was asked for.
fn gate(
    flags: &ServeFlags,
    environment: &Environment,
) -> Result<Option<BasicAuthLayer>, SettingError> {
    let source = Source::Environment("BASIC_AUTH");
    match (environment.get("BASIC_AUTH")?, flags.insecure_no_auth) {
        // To leave out a gate that was asked for would be worse than to say so.
        (Some(_), true) => Err(SettingError::wrong(
            Source::Flag("--insecure-no-auth"),
            "contradicts BASIC_AUTH, which is set in the environment",
        )),
        (None, true) => Ok(None),
        (None, false) => Err(SettingError::missing(
            "BASIC_AUTH is not set in the environment, and a bucket without a login is served only \
             with --insecure-no-auth",
        )),
        (Some(login), false) => basic_auth(login).map(Some).map_err(|_| {
            // The library's words name the user, who is half of a secret here.
            let problem =
                "must be user:password, neither of them empty, without control characters";
            SettingError::wrong(source, problem)
        }),
    }
}

/// The gate that admits the one user in `user:password`.
fn basic_auth(login: &str) -> Result<BasicAuthLayer, ConfigError> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    if user.is_empty() {
        return Err(ConfigError::new("user", "is empty"));
    }
    crate::stack::gate(FixedUsers::new([(user, password)])?)
}

fn credentials(environment: &Environment) -> Result<Credentials, SettingError> {
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        environment.get(name)?;
    }
    let found = Credentials::from_variables(|name| {
        // All of them are UTF-8: the loop above has seen to that.
        let value = environment.get(name).ok().flatten();
        value.map(str::to_owned)
    });
    found
        .map_err(|error| {
            SettingError::wrong(Source::Environment(error.setting()), error.problem())
        })?
        .ok_or_else(|| {
            SettingError::missing(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set in the environment; profiles and \
                 instance roles are not read",
            )
        })
}

fn missing_bucket() -> SettingError {
    SettingError::missing(
        "no bucket: set AWS_S3_BUCKET or --bucket, or try `portcullis demo`, which needs none",
    )
}

fn missing_region() -> SettingError {
    SettingError::missing(
        "no region: set AWS_DEFAULT_REGION or --region to that of the bucket, or S3_ENDPOINT_URL \
         for a store that is not AWS",
    )
}

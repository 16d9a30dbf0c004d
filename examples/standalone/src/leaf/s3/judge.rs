use std::fs;
use std::sync::Arc;

use portcullis::S3Proxy;
use portcullis::aws::Region;
use portcullis::s3::{Bucket, BucketClient};
use portcullis::upstream::HttpClient;

use super::document::Document;
use super::health::health_path;
use super::keys;
use super::leaf::S3;
use crate::given::{Given, Problems, SettingError, choice};
use crate::leaf::context::{Context, Keys};
use crate::leaf::store::is_in_the_clear;

/// The region that stores other than AWS accept by default.
const REGION_OF_OTHER_STORES: &str = "us-east-1";

/// Judges the settings. Wrong values are reported before missing ones, and the bucket before its options.
pub(crate) fn judge(
    document: &Document,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<S3> {
    let region = document.region.as_ref().or(context.region);
    let bucket = problems.take(bucket(document, region, context));
    let health_path = document.health_key.as_ref().map(health_path);
    let health_path = problems.take(health_path.transpose());
    let client = problems.take(client(document, context));
    let own = bucket.as_ref().map(|bucket| {
        let own = keys::own(document, bucket.region(), context.environment);
        problems.take(own)
    });
    let credentials = match &own {
        Some(None) => return None,
        Some(Some(Some(own))) => Some(own),
        _ => context.credentials.as_ref().ok(),
    };
    // Without credentials nothing can be tried. The process reports that.
    let tried = bucket.as_ref().zip(credentials);
    let tried = tried.map(|(bucket, credentials)| try_options(document, bucket, credentials));
    problems.take(tried.transpose())?;
    let bucket = bucket?;
    if region.is_none() && document.endpoint_url.is_none() {
        problems.add(missing_region(context));
        return None;
    }
    let endpoint = document.endpoint_url.as_ref();
    if let Some(given) = endpoint
        && is_in_the_clear(&given.value)
    {
        let warning = "uses http, so others on the network can read and change the objects: use https, or a \
                       network that nobody else is on";
        problems.warn(&given.source, warning);
    }
    let store = endpoint.map(|given| given.value.clone());
    Some(S3 {
        store: store.unwrap_or_else(|| format!("AWS {}", bucket.region())),
        bucket,
        credentials: Arc::clone(credentials?),
        client: client?,
        health_path: health_path?,
        document: document.clone(),
    })
}

/// The bucket. A missing region is replaced here and reported later, so that the rest is judged first.
fn bucket(
    document: &Document,
    region: Option<&Given>,
    context: &Context<'_>,
) -> Result<Bucket, SettingError> {
    if let Some(region) = region {
        Region::new(&*region.value).map_err(|error| region.wrong(error.problem()))?;
    }
    let location = document.bucket.as_ref();
    let location = location.ok_or_else(|| missing_bucket(context))?;
    let name = region.map_or(REGION_OF_OTHER_STORES, |region| &region.value);
    let mut bucket = Bucket::new(&location.value, name).map_err(|error| {
        location.wrong(match error.setting() {
            "bucket" => error.problem().to_owned(),
            _ => error.to_string(),
        })
    })?;
    if let Some(prefix) = &document.prefix {
        bucket = bucket
            .with_prefix(&prefix.value)
            .map_err(|error| prefix.wrong(error.problem()))?;
    }
    if let Some(endpoint) = &document.endpoint_url {
        bucket = bucket
            .with_endpoint(&endpoint.value)
            .map_err(|error| endpoint.wrong(error.problem()))?;
    }
    match &document.addressing {
        Some(given) => addressed(bucket, given),
        None => Ok(bucket),
    }
}

/// The client that trusts the authorities of a file, if there is one.
fn client(document: &Document, context: &Context<'_>) -> Result<Option<HttpClient>, SettingError> {
    let Some(file) = document.ca_file.as_ref().or(context.ca_bundle) else {
        return Ok(None);
    };
    let path = &file.value;
    let pem = fs::read(path).map_err(|error| file.wrong(format_args!("{path}: {error}")))?;
    let client = HttpClient::with_certificate_authorities(&pem);
    client
        .map(Some)
        .map_err(|error| file.wrong(format_args!("{path}: {}", error.problem())))
}

/// Sets how the bucket is addressed: in the host by default on AWS, and in the path elsewhere.
fn addressed(bucket: Bucket, given: &Given) -> Result<Bucket, SettingError> {
    if choice(Some(given), ["path", "virtual"], [true, false])? {
        return Ok(bucket.with_path_style());
    }
    bucket
        .with_virtual_host_style()
        .map_err(|error| given.wrong(error.problem()))
}

/// Applies the options to a proxy that is never called, which needs no certificate authorities.
fn try_options(
    document: &Document,
    bucket: &Bucket,
    credentials: &Keys,
) -> Result<(), SettingError> {
    let client = HttpClient::without_tls();
    let client = client.map_err(|error| SettingError::missing(error.to_string()))?;
    let client = BucketClient::with_client(client, bucket.clone(), Arc::clone(credentials));
    let client = document.limit(client)?;
    document.index()?;
    document.apply(S3Proxy::new(client)).map(drop)
}

fn missing_bucket(context: &Context<'_>) -> SettingError {
    if context.mount.is_file() {
        return SettingError::wrong(context.mount, "has no bucket: set mounts.s3.bucket");
    }
    SettingError::missing(
        "no bucket: set AWS_S3_BUCKET or --bucket, name a file of mounts by --config, or try \
         `portcullis demo`, which needs none",
    )
}

fn missing_region(context: &Context<'_>) -> SettingError {
    if context.mount.is_file() {
        let problem = "has no region: set mounts.s3.region or AWS_DEFAULT_REGION, or \
                       mounts.s3.endpoint_url for a store that is not AWS";
        return SettingError::wrong(context.mount, problem);
    }
    SettingError::missing(
        "no region: set AWS_DEFAULT_REGION or --region to that of the bucket, or S3_ENDPOINT_URL \
         for a store that is not AWS",
    )
}

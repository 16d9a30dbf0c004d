use portcullis::aws::Region;
use portcullis::path::RequestPath;
use portcullis::s3::Bucket;

use super::access::{SignIn, sign_in};
use super::draft::MountDraft;
use super::error::SettingError;
use super::given::Given;
use super::options::options;
use super::problems::Problems;
use super::timeouts::timeouts;
use crate::mount::{Keys, Mount, MountPath};

/// What stores of other makers take where nothing else is said.
const REGION_OF_OTHER_STORES: &str = "us-east-1";

/// Judges one mount. What is wrong is reported before what is missing, and the bucket before what
/// goes with it.
pub(super) fn mount(
    draft: MountDraft,
    credentials: &Result<Keys, SettingError>,
    problems: &mut Problems,
) -> Option<Mount> {
    let path = MountPath::parse(&draft.path.value);
    let path = problems.take(path.map_err(|error| draft.path.wrong(error)));
    let bucket = problems.take(bucket(&draft));
    let public = path.as_ref().and_then(|path| {
        let public = draft.public.iter().map(|given| public_path(path, given));
        problems.take(public.collect::<Result<Vec<_>, _>>())
    });
    let health = path.as_ref().and_then(|path| {
        let health = draft.health_key.as_ref().map(|key| health_path(path, key));
        problems.take(health.transpose())
    });
    let options = match (&bucket, credentials) {
        (Some(Some(bucket)), Ok(credentials)) => {
            problems.take(options(&draft, bucket, credentials))
        }
        _ => None,
    };
    let timeouts = problems.take(timeouts(&draft));
    let missing_region = missing_region(&draft);
    let index = draft.index;
    let store = draft.endpoint.as_ref().map(|given| given.value.clone());
    let sign_in = sign_in(draft, path.as_ref(), problems);
    let bucket = bucket.and_then(|bucket| problems.take(bucket.ok_or(missing_region)));
    let (path, bucket, mut public, health) = (path?, bucket?, public?, health?);
    public.extend(health.clone());
    let SignIn {
        access,
        keys,
        metadata,
        people,
        token_in_path,
    } = sign_in?;
    let store = store.unwrap_or_else(|| format!("AWS {}", bucket.region()));
    Some(Mount {
        path,
        bucket,
        store,
        credentials: credentials.as_ref().ok()?.clone(),
        timeouts: timeouts?,
        access,
        keys,
        metadata,
        people,
        token_in_path,
        public,
        health,
        index,
        options: options?,
    })
}

/// The bucket, or none where its region is not known.
fn bucket(draft: &MountDraft) -> Result<Option<Bucket>, SettingError> {
    let region = draft.region.as_ref();
    if let Some(region) = region {
        Region::new(&*region.value).map_err(|error| region.wrong(error.problem()))?;
    }
    let location = draft.bucket.as_ref().ok_or_else(missing_bucket)?;
    // The region stands in until it is known to be missing, so that the rest is judged before.
    let name = region.map_or(REGION_OF_OTHER_STORES, |region| &region.value);
    let mut bucket = Bucket::new(&location.value, name).map_err(|error| {
        location.wrong(match error.setting() {
            "bucket" => error.problem().to_owned(),
            _ => error.to_string(),
        })
    })?;
    if let Some(prefix) = &draft.prefix {
        bucket = bucket
            .with_prefix(&prefix.value)
            .map_err(|error| prefix.wrong(error.problem()))?;
    }
    if let Some(endpoint) = &draft.endpoint {
        bucket = bucket
            .with_endpoint(&endpoint.value)
            .map_err(|error| endpoint.wrong(error.problem()))?;
    }
    let region_is_known = region.is_some() || draft.endpoint.is_some();
    Ok(region_is_known.then_some(bucket))
}

/// A path of the URL that is read without a login, in its canonical spelling.
fn public_path(mount: &MountPath, given: &Given) -> Result<String, SettingError> {
    let path = RequestPath::parse(&given.value).map_err(|error| given.wrong(error))?;
    let path = path.as_str();
    if mount.strip(path).is_none_or(str::is_empty) {
        return Err(given.wrong(format_args!("{path:?} is not below the mount {mount}")));
    }
    Ok(path.to_owned())
}

/// The path of the URL for a key below the prefix.
pub(super) fn health_path(mount: &MountPath, given: &Given) -> Result<String, SettingError> {
    // A key has no escapes: its percent sign is one.
    let path = format!("/{}", given.value.replace('%', "%25"));
    let path = RequestPath::parse(&path).map_err(|error| given.wrong(error))?;
    if path.as_str().ends_with('/') {
        return Err(given.wrong("is a folder, and has to be an object"));
    }
    Ok(mount.join(path.as_str()))
}

fn missing_bucket() -> SettingError {
    SettingError::missing(
        "no bucket: set AWS_S3_BUCKET or --bucket, or try `portcullis demo`, which needs none",
    )
}

fn missing_region(draft: &MountDraft) -> SettingError {
    if draft.is_of_file() {
        let problem = "has no region: set mounts.s3.region or AWS_DEFAULT_REGION, or \
                       mounts.s3.endpoint_url for a store that is not AWS";
        return draft.path.wrong(problem);
    }
    SettingError::missing(
        "no region: set AWS_DEFAULT_REGION or --region to that of the bucket, or S3_ENDPOINT_URL \
         for a store that is not AWS",
    )
}

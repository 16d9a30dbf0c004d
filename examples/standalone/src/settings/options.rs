use std::sync::Arc;

use portcullis::S3Proxy;
use portcullis::s3::{Bucket, BucketClient, HtmlPolicy};

use super::draft::MountDraft;
use super::error::SettingError;
use super::given::Given;
use crate::mount::{Keys, ProxyOptions};

/// What the leaf of a mount does beside passing on.
pub(super) fn options(
    draft: &MountDraft,
    bucket: &Bucket,
    credentials: &Keys,
) -> Result<ProxyOptions, SettingError> {
    let mut options = ProxyOptions {
        package_types: choice(
            draft.content_types.as_ref(),
            // s3pypi stores one type for all archives, and that is nobody's wish.
            ["packages", "stored"],
            [true, false],
        )?,
        html: choice(
            draft.html.as_ref(),
            ["stored", "sandbox", "attachment"],
            [
                HtmlPolicy::AsStored,
                HtmlPolicy::Sandbox,
                HtmlPolicy::Attachment,
            ],
        )?,
        ..ProxyOptions::default()
    };
    // Tried on a proxy that reaches nobody: only the proxy knows what it takes. One option at a time,
    // so that the one that is wrong is known.
    let judge = |options: &ProxyOptions| {
        let client = BucketClient::with_client((), bucket.clone(), Arc::clone(credentials));
        let tried = options.apply(S3Proxy::new(client));
        tried.map(drop).map_err(|error| error.problem().to_owned())
    };
    if let Some(given) = &draft.not_found {
        options.not_found = Some(given.value.clone());
        judge(&options).map_err(|problem| given.wrong(problem))?;
    }
    if let Some(given) = &draft.query_parameters {
        options.query_parameters.clone_from(&given.value);
        judge(&options).map_err(|problem| given.wrong(problem))?;
    }
    if let Some(given) = &draft.response_headers {
        options.response_headers.clone_from(&given.value);
        judge(&options).map_err(|problem| given.wrong(problem))?;
    }
    Ok(options)
}

/// The value that goes with a word; the first where nothing is said.
pub(super) fn choice<T: Copy, const N: usize>(
    given: Option<&Given>,
    words: [&str; N],
    values: [T; N],
) -> Result<T, SettingError> {
    let Some(given) = given else {
        return Ok(values[0]);
    };
    let found = words.iter().position(|word| *word == given.value);
    found.map(|at| values[at]).ok_or_else(|| {
        let (value, words) = (&given.value, words.join(", "));
        given.wrong(format_args!("{value:?} is none of: {words}"))
    })
}

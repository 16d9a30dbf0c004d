use portcullis::client_address::TrustedProxies;
use portcullis::htpasswd::CheckPool;

use super::cors::Cors;
use super::document::MountDocument;
use super::gates::judge_gates;
use super::headers::ResponseHeaders;
use super::model::Mount;
use super::public::PublicPath;
use crate::gates;
use crate::given::{Environment, Given, Problems, SettingError, Source};
use crate::leaf::{Context, Keys, Leaf};
use crate::mount_path::MountPath;

/// Settings outside of a mount that its judge needs.
pub(crate) struct Judge<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) credentials: &'a Result<Keys, SettingError>,
    /// The region by default.
    pub(crate) region: Option<&'a Given>,
    /// The file of certificate authorities of stores by default.
    pub(crate) ca_bundle: Option<&'a Given>,
    /// The proxies in front of the program, unless the setting is wrong, which is reported once.
    pub(crate) trusted_proxies: Option<&'a Option<TrustedProxies>>,
    /// The threads that check passwords, for all mounts.
    pub(crate) check_pool: &'a CheckPool,
}

/// Judges one mount.
pub(crate) fn judge(
    given: &Given<MountDocument>,
    judge: &Judge<'_>,
    problems: &mut Problems,
) -> Option<Mount> {
    let document = &given.value;
    let path = problems.take(path(given));
    let source = document
        .path
        .as_ref()
        .map_or(&given.source, |it| &it.source);
    let leaf = leaf(given, source, judge, problems);
    let public = path.as_ref().and_then(|path| {
        let public = document.public.iter().map(|given| public_path(path, given));
        problems.take(public.collect::<Result<Vec<_>, _>>())
    });
    let headers = problems.take(ResponseHeaders::judge(&document.response_headers));
    let cors = problems.take(Cors::judge(&document.cors_origins));
    let context = gates::Context {
        mount: path.as_ref(),
        environment: judge.environment,
        trusted_proxies: judge.trusted_proxies,
        check_pool: judge.check_pool,
    };
    let gates = judge_gates(document, source, &context, problems);
    let (path, leaf, mut public, headers, cors) = (path?, leaf?, public?, headers?, cors?);
    let (gates, people) = gates?;
    public.extend(leaf.health_path().map(|below| path.join(below)));
    Some(Mount {
        path,
        gates,
        public,
        headers,
        cors,
        people,
        leaf,
    })
}

fn path(given: &Given<MountDocument>) -> Result<MountPath, SettingError> {
    let path = given.value.path.as_ref();
    let path = path.ok_or_else(|| given.wrong("needs path"))?;
    MountPath::parse(&path.value).map_err(|error| path.wrong(error))
}

fn leaf(
    given: &Given<MountDocument>,
    mount: &Source,
    judge: &Judge<'_>,
    problems: &mut Problems,
) -> Option<Leaf> {
    let context = Context {
        mount,
        credentials: judge.credentials,
        region: judge.region,
        ca_bundle: judge.ca_bundle,
        environment: judge.environment,
    };
    match &given.value.leaves()[..] {
        [leaf] => leaf.judge(&context, problems),
        [] => {
            problems.add(SettingError::wrong(
                mount,
                "has nothing to serve: add [mounts.s3]",
            ));
            None
        }
        [..] => {
            problems.add(SettingError::wrong(
                mount,
                "has more than one table of what to serve",
            ));
            None
        }
    }
}

/// A path of the URL that is read without a login, or `/*` after a folder of such paths.
fn public_path(mount: &MountPath, given: &Given) -> Result<String, SettingError> {
    let public = PublicPath::parse(given)?;
    let path = public.as_str();
    match mount.strip(path) {
        None | Some("") => {
            Err(given.wrong(format_args!("{path:?} is not below the mount {mount}")))
        }
        Some("/") if public.is_folder() => Err(given.wrong(format_args!(
            "\"{public}\" is everything in the mount {mount}: set insecure_no_auth = true instead"
        ))),
        Some(_) => Ok(public.to_string()),
    }
}

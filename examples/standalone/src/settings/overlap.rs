use std::collections::HashSet;

use portcullis::path::RequestPath;
use portcullis::resource_metadata::ResourceMetadata;

use super::draft::{Draft, MountDraft};
use super::error::SettingError;
use super::given::Given;
use super::mount::health_path;
use super::sso::Place;
use crate::mount::MountPath;

// What is no path is reported with its mount, and passed over here.

pub(super) fn refuse_equal_mounts(draft: &Draft) -> Result<(), SettingError> {
    let mut seen = HashSet::new();
    for given in draft.mounts.iter().map(|mount| &mount.path) {
        let Ok(path) = MountPath::parse(&given.value) else {
            continue;
        };
        if !seen.insert(path.clone()) {
            return Err(given.wrong(format_args!("{path} is mounted twice")));
        }
    }
    Ok(())
}

/// What follows `/t/` is a token where a mount takes tokens from the path, and no request would reach
/// a mount there.
pub(super) fn refuse_mounts_of_tokens(draft: &Draft) -> Result<(), SettingError> {
    let in_path = |mount: &&MountDraft| mount.tokens.as_ref().is_some_and(|it| it.in_path);
    let wanting = draft.mounts.iter().filter(in_path);
    let wanting = wanting.filter_map(|mount| MountPath::parse(&mount.path.value).ok());
    let mut outer: Vec<_> = wanting.collect();
    if outer.is_empty() {
        return Ok(());
    }
    // Whichever mount wants them, they are taken there too.
    outer.push(MountPath::ROOT);
    for given in draft.mounts.iter().map(|mount| &mount.path) {
        let Ok(path) = MountPath::parse(&given.value) else {
            continue;
        };
        let mut below = outer.iter().filter_map(|it| it.strip(path.as_str()));
        if below.any(|rest| rest == "/t" || rest.starts_with("/t/")) {
            let problem = "is where tokens in the path are, by mounts.tokens.in_path";
            return Err(given.wrong(format_args!("{path} {problem}")));
        }
    }
    Ok(())
}

/// The metadata of two resources cannot have one path.
pub(super) fn refuse_equal_resources(draft: &Draft) -> Result<(), SettingError> {
    let mut seen = HashSet::new();
    let mounts = draft.mounts.iter().filter_map(|mount| mount.jwt.as_ref());
    for given in mounts.filter_map(|jwt| jwt.resource.as_ref()) {
        let Ok(metadata) = ResourceMetadata::new(&given.value) else {
            continue;
        };
        let path = metadata.path().to_owned();
        if !seen.insert(path.clone()) {
            return Err(given.wrong(format_args!("{path} tells of another mount already")));
        }
    }
    Ok(())
}

/// What one mount makes public is not so where the path is another mount's, and must not seem so.
pub(super) fn refuse_public_paths_elsewhere(draft: &Draft) -> Result<(), SettingError> {
    let mounts = draft.mounts.iter();
    let paths = mounts.filter_map(|it| MountPath::parse(&it.path.value).ok());
    let paths: Vec<_> = paths.collect();
    let public = draft.mounts.iter().flat_map(|mount| {
        let own = MountPath::parse(&mount.path.value);
        let public = mount.public.iter();
        public.filter_map(move |given| Some((own.clone().ok()?, given)))
    });
    for (own, given) in public {
        let Ok(path) = RequestPath::parse(&given.value) else {
            continue;
        };
        let has_path = |mount: &&MountPath| mount.strip(path.as_str()).is_some();
        let chosen = paths.iter().filter(has_path).max_by_key(|it| it.len());
        if let Some(other) = chosen.filter(|it| it.len() > own.len()) {
            let path = path.as_str();
            return Err(given.wrong(format_args!("{path:?} is in the mount {other}")));
        }
    }
    Ok(())
}

/// A route of sign-in is answered before all else, or not at all where a mount within has its path.
pub(super) fn refuse_routes_of_sign_in(draft: &Draft) -> Result<(), SettingError> {
    for mount in &draft.mounts {
        let (Some(sso), Ok(own)) = (&mount.sso, MountPath::parse(&mount.path.value)) else {
            continue;
        };
        let routes = Place::of(&own, sso.is_streaming_proxy).paths();
        for given in draft.mounts.iter().map(|mount| &mount.path) {
            let within = MountPath::parse(&given.value).ok();
            let within = within.filter(|it| it.len() > own.len());
            refuse_route(given, &own, &routes, |route| {
                within.as_ref().is_some_and(|it| it.strip(route).is_some())
            })?;
        }
        let exact = [&draft.live, &draft.ready].into_iter().flatten();
        for given in exact.chain(&mount.public) {
            let path = RequestPath::parse(&given.value).ok();
            refuse_route(given, &own, &routes, |route| {
                path.as_ref().is_some_and(|path| path.as_str() == route)
            })?;
        }
        if let Some(given) = &mount.health_key {
            let path = health_path(&own, given).ok();
            refuse_route(given, &own, &routes, |route| path.as_deref() == Some(route))?;
        }
    }
    Ok(())
}

fn refuse_route(
    given: &Given,
    own: &MountPath,
    routes: &[String],
    is_taken: impl Fn(&str) -> bool,
) -> Result<(), SettingError> {
    match routes.iter().find(|route| is_taken(route)) {
        Some(route) => Err(given.wrong(format_args!("{route} is a route of the sign-in at {own}"))),
        None => Ok(()),
    }
}

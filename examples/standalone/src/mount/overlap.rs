use std::collections::HashSet;

use portcullis::path::RequestPath;
use portcullis::resource_metadata::ResourceMetadata;

use super::document::MountDocument;
use super::public::PublicPath;
use crate::gates::sso::Place;
use crate::given::{Given, Problems, SettingError};
use crate::leaf::s3::health_path;
use crate::mount_path::MountPath;

/// A mount with a valid path.
struct Placed<'a> {
    path: MountPath,
    given: &'a Given,
    document: &'a MountDocument,
}

/// Refuses paths that are used twice. `exact` are the paths of the program itself. Invalid paths are
/// skipped here, since they are reported with their mount.
pub(crate) fn refuse_overlaps(
    mounts: &[Given<MountDocument>],
    exact: &[&Given],
    problems: &mut Problems,
) {
    let placed = mounts.iter().filter_map(|mount| {
        let document = &mount.value;
        let given = document.path.as_ref()?;
        let path = MountPath::parse(&given.value).ok()?;
        Some(Placed {
            path,
            given,
            document,
        })
    });
    let placed: Vec<_> = placed.collect();
    problems.take(refuse_equal_mounts(&placed));
    problems.take(refuse_mounts_of_tokens(&placed));
    problems.take(refuse_equal_resources(mounts));
    problems.take(refuse_public_paths_elsewhere(&placed));
    problems.take(refuse_routes_of_sign_in(&placed, exact));
}

fn refuse_equal_mounts(mounts: &[Placed<'_>]) -> Result<(), SettingError> {
    let mut seen = HashSet::new();
    for Placed { path, given, .. } in mounts {
        if !seen.insert(path) {
            return Err(given.wrong(format_args!("{path} is mounted twice")));
        }
    }
    Ok(())
}

/// If a mount accepts tokens in the path, `/t/` is followed by a token, and no request would reach a mount
/// there.
fn refuse_mounts_of_tokens(mounts: &[Placed<'_>]) -> Result<(), SettingError> {
    let in_path = |mount: &&Placed<'_>| {
        let tokens = mount.document.tokens.as_ref();
        tokens.is_some_and(|it| it.value.in_path.is_on())
    };
    let mut outer: Vec<_> = mounts.iter().filter(in_path).map(|it| &it.path).collect();
    if outer.is_empty() {
        return Ok(());
    }
    // At the root they are accepted if any mount does.
    let root = MountPath::ROOT;
    outer.push(&root);
    for Placed { path, given, .. } in mounts {
        let mut below = outer.iter().filter_map(|it| it.strip(path.as_str()));
        if below.any(|rest| rest == "/t" || rest.starts_with("/t/")) {
            let problem = "is used for tokens in the path by mounts.tokens.in_path";
            return Err(given.wrong(format_args!("{path} {problem}")));
        }
    }
    Ok(())
}

/// The metadata of two resources cannot have the same path.
fn refuse_equal_resources(mounts: &[Given<MountDocument>]) -> Result<(), SettingError> {
    let mut seen = HashSet::new();
    let gates = mounts.iter().filter_map(|mount| mount.value.jwt.as_ref());
    for given in gates.filter_map(|jwt| jwt.value.resource.as_ref()) {
        let Ok(metadata) = ResourceMetadata::new(&given.value) else {
            continue;
        };
        let path = metadata.path().to_owned();
        if !seen.insert(path.clone()) {
            return Err(given.wrong(format_args!(
                "{path} is already the metadata path of another mount"
            )));
        }
    }
    Ok(())
}

/// A public path has no effect if another mount has it, and must not seem to have one.
fn refuse_public_paths_elsewhere(mounts: &[Placed<'_>]) -> Result<(), SettingError> {
    for own in mounts {
        for given in &own.document.public {
            let Ok(public) = PublicPath::parse(given) else {
                continue;
            };
            let path = public.as_str();
            let paths = mounts.iter().map(|it| &it.path);
            let has_path = paths.filter(|it| it.strip(path).is_some());
            let chosen = has_path.max_by_key(|it| it.len());
            if let Some(other) = chosen.filter(|it| it.len() > own.path.len()) {
                return Err(given.wrong(format_args!("{path:?} is in the mount {other}")));
            }
        }
    }
    Ok(())
}

/// A route of sign-in is answered before anything else at its path, unless a mount within has it.
fn refuse_routes_of_sign_in(mounts: &[Placed<'_>], exact: &[&Given]) -> Result<(), SettingError> {
    for Placed { path, document, .. } in mounts {
        let Some(sso) = &document.sso else {
            continue;
        };
        let routes = Place::of(path, sso.value.profile).paths();
        let refuse = |given: &Given, is_taken: &dyn Fn(&str) -> bool| match routes
            .iter()
            .find(|route| is_taken(route))
        {
            Some(route) => {
                Err(given.wrong(format_args!("{route} is a route of the sign-in at {path}")))
            }
            None => Ok(()),
        };
        for within in mounts.iter().filter(|it| it.path.len() > path.len()) {
            refuse(within.given, &|route| within.path.strip(route).is_some())?;
        }
        for given in exact.iter().copied() {
            let path = RequestPath::parse(&given.value).ok();
            refuse(given, &|route| {
                path.as_ref().is_some_and(|path| path.as_str() == route)
            })?;
        }
        for given in &document.public {
            let public = PublicPath::parse(given).ok();
            refuse(given, &|route| {
                public.as_ref().is_some_and(|public| public.has(route))
            })?;
        }
        let leaves = document.leaves();
        for given in leaves.iter().filter_map(|leaf| leaf.health_key()) {
            let health = health_path(given).ok().map(|below| path.join(&below));
            refuse(given, &|route| health.as_deref() == Some(route))?;
        }
    }
    Ok(())
}

use std::fmt;

use portcullis::path::RequestPath;

use super::model::Mount;
use crate::leaf::Exposed;
use crate::mount_path::MountPath;

/// Objects that need a login at one path of the URL, and none at another.
pub(crate) struct Exposure {
    open: String,
    gated: String,
    /// The stores, if they may be one and the settings do not tell.
    unlike: Option<(String, String)>,
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { open, gated, .. } = self;
        write!(
            f,
            "insecure_no_auth: everyone can read at {open} what needs a login at {gated}"
        )?;
        if let Some((one, other)) = &self.unlike {
            write!(f, ", if {one} and {other} are one store")?;
        }
        Ok(())
    }
}

/// Finds open mounts that serve objects of a mount with a gate: all of them, or a part.
pub(crate) fn exposed(mounts: &[Mount]) -> Vec<Exposure> {
    let is_open = |mount: &&Mount| mount.gates.read.access.is_open();
    let (open, gated): (Vec<_>, Vec<_>) = mounts.iter().partition(is_open);
    let pairs = open.iter().flat_map(|open| {
        let gated = gated.iter();
        gated.filter_map(|gated| exposure(open, gated, mounts))
    });
    pairs.collect()
}

fn exposure(open: &Mount, gated: &Mount, mounts: &[Mount]) -> Option<Exposure> {
    let (open_objects, gated_objects) = (open.leaf.exposes(), gated.leaf.exposes());
    let pairs = open_objects.iter().flat_map(|one| {
        let others = gated_objects.iter();
        others.filter_map(move |other| Some((one, other, common(one, other)?)))
    });
    // Those of stores that are surely one come first.
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(one, other, _)| one.store != other.store);
    pairs.into_iter().find_map(|(one, other, common)| {
        let is_one = one.store == other.store;
        Some(Exposure {
            open: path_of(open, one, common, mounts)?,
            gated: path_of(gated, other, common, mounts)?,
            unlike: (!is_one).then(|| (one.store.to_string(), other.store.to_string())),
        })
    })
}

/// The prefix of the objects that both show, if there are any.
fn common<'a>(one: &'a Exposed, other: &'a Exposed) -> Option<&'a str> {
    if one.bucket != other.bucket || !one.store.may_be(&other.store) {
        return None;
    }
    let (one, other) = (&*one.prefix, &*other.prefix);
    if one.starts_with(other) {
        Some(one)
    } else {
        other.starts_with(one).then_some(other)
    }
}

/// The path of the URL at which a mount serves the objects below a prefix, unless that path belongs to
/// another mount.
fn path_of(mount: &Mount, shown: &Exposed, prefix: &str, mounts: &[Mount]) -> Option<String> {
    let below = prefix.strip_prefix(&shown.prefix)?;
    // A prefix is not percent-encoded, so its percent sign has to be.
    let below = format!("/{}", below.replace('%', "%25"));
    let below = RequestPath::parse(&below).ok()?;
    let path = mount.path.join(below.as_str());
    let has_path = |path: &str, it: &MountPath| it.strip(path).is_some();
    let having = mounts
        .iter()
        .map(|it| &it.path)
        .filter(|it| has_path(&path, it));
    let chosen = having.max_by_key(|it| it.len())?;
    (*chosen == mount.path).then_some(path)
}

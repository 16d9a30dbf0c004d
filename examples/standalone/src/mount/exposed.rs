use portcullis::path::RequestPath;

use super::model::Mount;
use crate::mount_path::MountPath;

/// Finds open mounts that serve objects of a mount with a gate: the path of the URL where everyone can
/// read them, and the mount with the gate.
pub(crate) fn exposed(mounts: &[Mount]) -> Vec<(String, &MountPath)> {
    let is_open = |mount: &&Mount| mount.gates.read.access.is_open();
    let (open, gated): (Vec<_>, Vec<_>) = mounts.iter().partition(is_open);
    let pairs = open.iter().flat_map(|open| {
        let gated = gated.iter();
        gated.filter_map(move |gated| Some((path_of(open, gated)?, open, gated)))
    });
    let reached = pairs.filter(|(path, open, _)| {
        let has_path = mounts.iter().filter(|it| it.path.strip(path).is_some());
        let chosen = has_path.max_by_key(|it| it.path.len());
        chosen.is_some_and(|it| it.path == open.path)
    });
    reached
        .map(|(path, _, gated)| (path, &gated.path))
        .collect()
}

/// The path at which `open` would serve the objects of `gated`, if there were no other mount.
fn path_of(open: &Mount, gated: &Mount) -> Option<String> {
    let [outer, inner] = [open, gated].map(|it| it.leaf.exposes());
    let is_same = outer.store == inner.store && outer.bucket == inner.bucket;
    let below = inner.prefix.strip_prefix(&outer.prefix);
    let below = below.filter(|_| is_same)?;
    // A prefix is not percent-encoded, so its percent sign has to be.
    let below = format!("/{}", below.replace('%', "%25"));
    let below = RequestPath::parse(&below).ok()?;
    Some(open.path.join(below.as_str()))
}

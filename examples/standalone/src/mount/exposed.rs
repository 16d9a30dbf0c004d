use portcullis::path::RequestPath;

use super::{Mount, MountPath};

/// What one mount asks a login for and another, of the same bucket, gives to everyone: where in the
/// URL, and the mount with the gate.
pub(crate) fn exposed(mounts: &[Mount]) -> Vec<(String, &MountPath)> {
    let (open, gated): (Vec<_>, Vec<_>) = mounts.iter().partition(|it| it.access.is_open());
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

/// Where what is behind `gated` would be by `open`, if no other mount were there.
fn path_of(open: &Mount, gated: &Mount) -> Option<String> {
    let is_same = open.store == gated.store && open.bucket.name() == gated.bucket.name();
    let [outer, inner] = [open, gated].map(|it| it.bucket.prefix().as_str());
    let below = inner.strip_prefix(outer).filter(|_| is_same)?;
    // A prefix has no escapes: its percent sign is one.
    let below = format!("/{}", below.replace('%', "%25"));
    let below = RequestPath::parse(&below).ok()?;
    Some(open.path.join(below.as_str()))
}

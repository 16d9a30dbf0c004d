use std::fmt;

use portcullis::path::{KeyPrefix, ObjectKey, RequestPath};

use super::model::Mount;
use crate::leaf::Exposed;
use crate::mount_path::MountPath;

/// Objects that need a login at one path of the URL, and none at another.
pub(crate) struct Exposure {
    /// The setting by which they need none.
    by: &'static str,
    open: String,
    gated: String,
    /// The stores, if they may be one and the settings do not tell.
    unlike: Option<(String, String)>,
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            by, open, gated, ..
        } = self;
        write!(
            f,
            "{by}: everyone can read at {open} what needs a login at {gated}"
        )?;
        if let Some((one, other)) = &self.unlike {
            write!(f, ", if {one} and {other} are one store")?;
        }
        Ok(())
    }
}

/// The objects that a mount shows below a path of the URL.
struct Shown<'a> {
    mount: &'a Mount,
    /// Without its final slash.
    path: String,
    objects: Vec<Exposed>,
}

impl<'a> Shown<'a> {
    fn all(mount: &'a Mount) -> Self {
        Self {
            mount,
            path: mount.path.as_str().to_owned(),
            objects: mount.leaf.exposes(),
        }
    }

    /// Those of a public folder. `None` for a public path that is not a folder.
    fn in_folder(mount: &'a Mount, public: &str) -> Option<Self> {
        let path = public.strip_suffix("/*")?;
        let below = [mount.path.strip(path)?, "/"].concat();
        let below = ObjectKey::from_path(&below, &KeyPrefix::default()).ok()?;
        let mut objects = mount.leaf.exposes();
        for shown in &mut objects {
            shown.prefix.push_str(below.as_str());
        }
        Some(Self {
            mount,
            path: path.to_owned(),
            objects,
        })
    }

    /// What everybody can read, and by which setting.
    fn to_everybody(mount: &'a Mount) -> Vec<(&'static str, Self)> {
        if mount.gates.read.access.is_open() {
            return vec![("insecure_no_auth", Self::all(mount))];
        }
        let folders = mount.public.iter();
        let folders = folders.filter_map(|public| Self::in_folder(mount, public));
        folders.map(|shown| ("public", shown)).collect()
    }
}

/// Finds mounts and public folders that show everybody objects of another mount with a gate: all of them, or a
/// part.
pub(crate) fn exposed(mounts: &[Mount]) -> Vec<Exposure> {
    let gated = mounts
        .iter()
        .filter(|mount| !mount.gates.read.access.is_open());
    let gated: Vec<_> = gated.map(Shown::all).collect();
    let open = mounts.iter().flat_map(Shown::to_everybody);
    let pairs = open.flat_map(|(by, open)| {
        let others = gated.iter().filter(|it| it.mount.path != open.mount.path);
        let found = others.filter_map(|gated| exposure(by, &open, gated, mounts));
        found.collect::<Vec<_>>()
    });
    pairs.collect()
}

fn exposure(
    by: &'static str,
    open: &Shown<'_>,
    gated: &Shown<'_>,
    mounts: &[Mount],
) -> Option<Exposure> {
    let pairs = open.objects.iter().flat_map(|one| {
        let others = gated.objects.iter();
        others.filter_map(move |other| Some((one, other, common(one, other)?)))
    });
    // Those of stores that are surely one come first.
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_by_key(|(one, other, _)| one.store != other.store);
    pairs.into_iter().find_map(|(one, other, common)| {
        let is_one = one.store == other.store;
        Some(Exposure {
            by,
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

/// The path of the URL at which the objects below a prefix are shown, unless that path belongs to another
/// mount.
fn path_of(shown: &Shown<'_>, objects: &Exposed, prefix: &str, mounts: &[Mount]) -> Option<String> {
    let below = prefix.strip_prefix(&objects.prefix)?;
    // A prefix is not percent-encoded, so its percent sign has to be.
    let below = format!("/{}", below.replace('%', "%25"));
    let below = RequestPath::parse(&below).ok()?;
    let path = [&shown.path, below.as_str()].concat();
    let has_path = |path: &str, it: &MountPath| it.strip(path).is_some();
    let having = mounts
        .iter()
        .map(|it| &it.path)
        .filter(|it| has_path(&path, it));
    let chosen = having.max_by_key(|it| it.len())?;
    (*chosen == shown.mount.path).then_some(path)
}

use super::error::{ArchiveError, ArchiveErrorKind, quoted};
use super::limits::ArchiveLimits;

/// How much memory the paths of an archive may need.
const PATHS_LIMIT: usize = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Symlink,
}

/// The paths of an archive, each once, and none below what is no folder. So no member is written through
/// a link, and no member takes another one's place.
pub(super) struct Tree {
    members: Vec<(Box<str>, Kind)>,
    paths: usize,
    limit: usize,
}

impl Tree {
    pub(super) fn new(limits: &ArchiveLimits) -> Self {
        Self {
            members: Vec::new(),
            paths: 0,
            limit: limits.members(),
        }
    }

    pub(super) fn add(&mut self, path: &str, kind: Kind) -> Result<(), ArchiveError> {
        self.paths += path.len();
        if self.members.len() == self.limit {
            let problem = format!("the archive has more than {} members", self.limit);
            return Err(ArchiveError::too_large(problem));
        }
        if self.paths > PATHS_LIMIT {
            let problem = "the paths of the archive have more than 16 MiB";
            return Err(ArchiveError::too_large(problem));
        }
        self.members.push((path.into(), kind));
        Ok(())
    }

    /// Sorted so that what is below a path follows it at once.
    pub(super) fn finish(mut self) -> Result<Sorted, ArchiveError> {
        self.members
            .sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
        for pair in self.members.windows(2) {
            let [(path, kind), (next, _)] = pair else {
                continue;
            };
            let Some(below) = next.strip_prefix(&**path) else {
                continue;
            };
            if below.is_empty() {
                let problem = format!("the archive has two members {}", quoted(&**path));
                return Err(ArchiveError::ambiguous(problem));
            }
            if below.starts_with('/') && *kind != Kind::Folder {
                let problem = format!(
                    "the archive's member {} is below a member that is no folder",
                    quoted(&**next)
                );
                return Err(ArchiveError::new(ArchiveErrorKind::UnsafePath, problem));
            }
        }
        Ok(Sorted(self.members))
    }
}

/// The members of an archive that has been read in full.
pub(super) struct Sorted(Vec<(Box<str>, Kind)>);

impl Sorted {
    pub(super) fn kind(&self, path: &str) -> Option<Kind> {
        let found = (self.0).binary_search_by(|(it, _)| it.split('/').cmp(path.split('/')));
        found.ok().map(|at| self.0[at].1)
    }

    /// All paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(path, _)| &**path)
    }
}

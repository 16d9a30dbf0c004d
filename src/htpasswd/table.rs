use std::collections::HashMap;
use std::fmt;
use std::io;

use super::bcrypt::Bcrypt;
use super::error::{Fault, HtpasswdError, HtpasswdErrorKind as Kind};
use super::groups;
use super::hash::Hash;
use super::line;
use super::memory::Memory;
use crate::gate::Identity;
use crate::watched::{Contents, Parse};

/// The longest file that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Each check computes one hash of each cost.
const MAX_COSTS: usize = 16;

/// The users of an htpasswd file.
///
/// See the [module docs](crate::htpasswd) for the lines and hashes that it accepts.
pub struct HtpasswdTable {
    users: HashMap<Box<str>, User>,
    /// One hash of each cost in the table.
    costs: Vec<Hash>,
}

pub(crate) struct User {
    pub(super) identity: Identity,
    pub(super) memory: Memory,
    hash: Hash,
    /// The place of the hash's cost in `costs`.
    cost: usize,
}

impl HtpasswdTable {
    /// Parses the contents of a file. A table without users admits nobody.
    ///
    /// # Errors
    ///
    /// Returns [`HtpasswdError`] for the first line that the [module docs](crate::htpasswd) do not allow, or
    /// if the file is longer than 16 MiB.
    pub fn parse(contents: &[u8]) -> Result<Self, HtpasswdError> {
        Self::parse_lines(contents, false)
    }

    /// As [`parse`](Self::parse), and accepts `{PLAIN}` with a password in the clear.
    ///
    /// Everybody who can read the file has these passwords.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn insecure_parse_with_plain(contents: &[u8]) -> Result<Self, HtpasswdError> {
        Self::parse_lines(contents, true)
    }

    fn parse_lines(contents: &[u8], plain: bool) -> Result<Self, HtpasswdError> {
        if contents.len() > MAX_BYTES {
            return Err(HtpasswdError::too_large());
        }
        let mut table = Self {
            users: HashMap::new(),
            costs: Vec::new(),
        };
        for (number, line) in line::lines(contents) {
            line.and_then(|line| table.add(line, plain))
                .map_err(|fault| HtpasswdError::at(number, fault))?;
        }
        if table.costs.is_empty() {
            table.costs.push(Hash::Bcrypt(Bcrypt::nobodys()));
        }
        Ok(table)
    }

    fn add(&mut self, line: &str, plain: bool) -> Result<(), Fault> {
        let (name, hash) = line::parse(line)?;
        let hash = Hash::parse(hash, plain)?;
        let known = self.costs.iter().position(|it| it.cost() == hash.cost());
        let cost = known.unwrap_or(self.costs.len());
        if cost == MAX_COSTS {
            let problem = "the hashes have more than 16 different costs";
            return Err(Fault::new(Kind::TooManyCosts, problem));
        }
        if known.is_none() {
            self.costs.push(hash.clone());
        }
        let user = User {
            identity: Identity::new("basic", name),
            memory: Memory::default(),
            hash,
            cost,
        };
        match self.users.insert(name.into(), user) {
            None => Ok(()),
            Some(_) => Err(Fault::new(
                Kind::DuplicateUser,
                "the user has a line already",
            )),
        }
    }

    /// Grants each user the groups of a group file as scopes, in place of those granted before.
    ///
    /// See the [module docs](crate::htpasswd#groups) for its lines. Members without a line in the
    /// htpasswd file are ignored.
    ///
    /// # Errors
    ///
    /// Returns [`HtpasswdError`] for the first line that is not as the module docs have it, or if the
    /// file is longer than 16 MiB.
    pub fn with_groups(mut self, contents: &[u8]) -> Result<Self, HtpasswdError> {
        if contents.len() > MAX_BYTES {
            return Err(HtpasswdError::too_large().in_group_file());
        }
        let groups = groups::parse(contents).map_err(HtpasswdError::in_group_file)?;
        for (name, user) in &mut self.users {
            let groups = groups.get(&**name).into_iter().flatten().copied();
            user.identity = Identity::new("basic", &**name).with_scopes(groups);
        }
        Ok(self)
    }

    /// The number of users.
    #[must_use]
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether the table has no users.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    pub(super) fn get(&self, name: &str) -> Option<&User> {
        self.users.get(name)
    }

    /// The user of this name, if the password is correct.
    ///
    /// For every name, it computes one hash of each cost in the table: the user's own, and any other's for
    /// the other costs. So its time reveals neither whether the user exists nor which hash is cheap.
    pub(crate) fn check(&self, name: &str, password: &[u8]) -> Option<&User> {
        let user = self.users.get(name);
        let mut admitted = false;
        for (i, stand_in) in self.costs.iter().enumerate() {
            let own = user.filter(|user| user.cost == i);
            let matches = own.map_or(stand_in, |user| &user.hash).matches(password);
            admitted |= own.is_some() && matches;
        }
        user.filter(|_| admitted)
    }
}

/// How the files are read: the htpasswd file with or without passwords in the clear, then the group
/// file if there is one.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) plain: bool,
}

impl Parse for Lines {
    type Value = HtpasswdTable;
    type Error = HtpasswdError;

    const MAX_BYTES: usize = MAX_BYTES;

    fn parse(&self, files: &[Contents]) -> Result<HtpasswdTable, HtpasswdError> {
        let table = HtpasswdTable::parse_lines(&files[0], self.plain)?;
        match files.get(1) {
            Some(groups) => table.with_groups(groups),
            None => Ok(table),
        }
    }

    fn unreadable(file: usize, error: io::Error) -> HtpasswdError {
        let error = HtpasswdError::unreadable(error);
        if file == 0 {
            error
        } else {
            error.in_group_file()
        }
    }
}

impl fmt::Debug for HtpasswdTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HtpasswdTable")
            .field("users", &self.users.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::htpasswd::hash::{Cost, work};

    const BCRYPT: &str = "$2y$04$sizLC6XEwoOz99iJWYXyMOX4o3qa9eh..XsAk5A6sIVD8u8FTVLgq";
    const APR1: &str = "$apr1$HA1A/61E$oRSVVg9tNICs6Rxv1Zklh0";
    const SHA: &str = "{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=";

    fn table(lines: &[(&str, &str)]) -> HtpasswdTable {
        let lines: Vec<_> = lines
            .iter()
            .map(|(u, hash)| format!("{u}:{hash}"))
            .collect();
        HtpasswdTable::parse(lines.join("\n").as_bytes()).unwrap()
    }

    #[test]
    fn every_name_costs_the_same_work() {
        let bcrypt = Cost::Bcrypt { cost: 4 };
        let nobodys = Cost::Bcrypt { cost: 10 };
        for (name, lines, costs) in [
            ("nobody", &[][..], &[nobodys][..]),
            ("one cost", &[("a", SHA), ("b", SHA)], &[Cost::Sha1]),
            (
                "three costs",
                &[("a", APR1), ("b", SHA), ("c", BCRYPT), ("d", SHA)],
                &[Cost::Apr1, Cost::Sha1, bcrypt],
            ),
        ] {
            let table = table(lines);
            for user in ["a", "b", "c", "d", "unknown"] {
                for password in ["s3cret", "guess", &"x".repeat(73)] {
                    work();
                    let admitted = table.check(user, password.as_bytes()).is_some();
                    assert_eq!(work(), costs, "{name}, {user}:{password}");
                    let known = lines.iter().any(|(name, _)| *name == user);
                    assert_eq!(
                        admitted,
                        known && password == "s3cret",
                        "{name}, {user}:{password}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_password_of_a_stand_in_admits_nobody() {
        // The stand-in for the first cost is the hash of `a`, whose password is `x`.
        let table = table(&[("a", "{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI="), ("b", APR1)]);
        for (user, password, admitted) in [
            ("a", "x", true),
            ("b", "x", false),
            ("unknown", "x", false),
            ("b", "s3cret", true),
            ("a", "s3cret", false),
        ] {
            let found = table.check(user, password.as_bytes());
            assert_eq!(found.is_some(), admitted, "{user}:{password}");
        }
    }
}

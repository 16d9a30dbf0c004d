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

/// Each check computes one hash of each cost, and up to three if the salts differ in length.
const MAX_COSTS: usize = 16;

/// The users of an htpasswd file.
///
/// See the [module docs](crate::htpasswd) for the lines and hashes that it accepts.
pub struct HtpasswdTable {
    users: HashMap<Box<str>, User>,
    /// One hash of each cost and length of salt in the table.
    stand_ins: Vec<Hash>,
    /// The number of different costs.
    costs: usize,
}

pub(crate) struct User {
    pub(super) identity: Identity,
    pub(super) memory: Memory,
    hash: Hash,
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
            stand_ins: Vec::new(),
            costs: 0,
        };
        for (number, line) in line::lines(contents) {
            line.and_then(|line| table.add(line, plain))
                .map_err(|fault| HtpasswdError::at(number, fault))?;
        }
        if table.stand_ins.is_empty() {
            table.stand_ins.push(Hash::Bcrypt(Bcrypt::nobodys()));
        }
        Ok(table)
    }

    fn add(&mut self, line: &str, plain: bool) -> Result<(), Fault> {
        let (name, hash) = line::parse(line)?;
        let hash = Hash::parse(hash, plain)?;
        self.stand_in(&hash)?;
        let user = User {
            identity: Identity::new("basic", name),
            memory: Memory::default(),
            hash,
        };
        match self.users.insert(name.into(), user) {
            None => Ok(()),
            Some(_) => Err(Fault::new(
                Kind::DuplicateUser,
                "the user has a line already",
            )),
        }
    }

    /// Keeps a hash as a stand-in, unless one of its cost and length of salt is kept already.
    fn stand_in(&mut self, hash: &Hash) -> Result<(), Fault> {
        let alike = || (self.stand_ins.iter()).filter(|it| it.cost() == hash.cost());
        if alike().any(|it| it.salt_length() == hash.salt_length()) {
            return Ok(());
        }
        if alike().next().is_none() {
            if self.costs == MAX_COSTS {
                let problem = "the hashes have more than 16 different costs";
                return Err(Fault::new(Kind::TooManyCosts, problem));
            }
            self.costs += 1;
        }
        self.stand_ins.push(hash.clone());
        Ok(())
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
    /// For every name, it computes one hash of each work that a hash of the table takes for a password of
    /// this length: the user's own, and any other's for the other works. So its time reveals neither whether
    /// the user exists, nor which hash is cheap or has a short salt.
    pub(crate) fn check(&self, name: &str, password: &[u8]) -> Option<&User> {
        let user = self.users.get(name);
        let own = user.map(|user| user.hash.work(password.len()));
        let mut admitted = false;
        let mut done = Vec::with_capacity(self.stand_ins.len());
        for stand_in in &self.stand_ins {
            let work = stand_in.work(password.len());
            if done.contains(&work) {
                continue;
            }
            done.push(work);
            let own = user.filter(|_| own == Some(work));
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
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

    use super::*;
    use crate::htpasswd::hash::{Work, work};

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

    /// The work of each name, which must be the same.
    fn work_of_all(name: &str, lines: &[(&str, &str)], password: &str) -> Vec<Work> {
        let table = table(lines);
        let mut works = lines.iter().chain(&[("unknown", "")]).map(|(user, _)| {
            work();
            table.check(user, password.as_bytes());
            work()
        });
        let first = works.next().unwrap();
        let length = password.len();
        for (i, other) in works.enumerate() {
            assert_eq!(first, other, "{name}, {length} bytes: user {}", i + 1);
        }
        first
    }

    #[test]
    fn every_name_costs_the_same_work() {
        for (name, lines, hashes) in [
            ("nobody", &[][..], 1),
            ("one cost", &[("a", SHA), ("b", SHA)], 1),
            (
                "three costs",
                &[("a", APR1), ("b", SHA), ("c", BCRYPT), ("d", SHA)],
                3,
            ),
        ] {
            for password in ["s3cret", "guess", &"x".repeat(73)] {
                let works = work_of_all(name, lines, password);
                assert_eq!(works.len(), hashes, "{name}:{password}");
            }
            let table = table(lines);
            for user in ["a", "b", "c", "d", "unknown"] {
                let known = lines.iter().any(|(name, _)| *name == user);
                assert!(table.check(user, b"guess").is_none(), "{name}, {user}");
                let admitted = table.check(user, b"s3cret").is_some();
                assert_eq!(admitted, known, "{name}, {user}");
            }
        }
    }

    #[test]
    fn the_length_of_a_salt_is_not_revealed() {
        let of = |magic: &str, salts: &[usize], digest: usize| -> Vec<String> {
            let line =
                |salt: &usize| format!("{magic}{}${}", "s".repeat(*salt), ".".repeat(digest));
            salts.iter().map(line).collect()
        };
        let argon2id = |salts: &[usize], digest: usize| -> Vec<String> {
            let line = |salt: &usize| {
                let [salt, digest] = [*salt, digest].map(|it| STANDARD_NO_PAD.encode(vec![0; it]));
                format!("$argon2id$v=19$m=8,t=1,p=1${salt}${digest}")
            };
            salts.iter().map(line).collect()
        };
        let ssha =
            [1, 20, 64].map(|salt| format!("{{SSHA}}{}", STANDARD.encode(vec![0; 20 + salt])));
        let salts = &[1, 8, 9, 15, 16][..];
        let groups = [
            of("$5$rounds=1000$", salts, 43),
            of("$6$rounds=1000$", salts, 86),
            of("$5$rounds=1001$", &[4, 16], 43),
            of("$6$rounds=1002$", &[16], 86),
            of("$apr1$", &[1, 4, 8], 22),
            argon2id(&[8, 16, 64], 16),
            argon2id(&[8, 40], 64),
            ssha.to_vec(),
            vec![SHA.to_owned(), BCRYPT.to_owned()],
        ];
        let most = |hashes: &[String], length: usize| {
            let names: Vec<_> = (0..hashes.len()).map(|i| format!("u{i}")).collect();
            let names = names.iter().map(String::as_str);
            let lines: Vec<_> = names.zip(hashes.iter().map(String::as_str)).collect();
            work_of_all(&hashes[0], &lines, &"p".repeat(length)).len()
        };
        // 47: the blocks of `$6$` differ with the length of the salt; 15: those of `$5$`.
        for (length, hashes) in [1, 15, 47, 255]
            .into_iter()
            .flat_map(|it| groups.iter().map(move |group| (it, group)))
        {
            assert!((1..=4).contains(&most(hashes, length)), "{length}");
        }
        let most = most(&groups.concat(), 47);
        // Of 9 costs, since the salts of the two of argon2id are one cost.
        assert!((9..=3 * 9).contains(&most), "{most}");
    }

    #[test]
    fn users_with_salts_of_any_length_sign_in() {
        let hashes = include_str!("salts.txt").lines();
        let names: Vec<_> = (0..)
            .map(|i| format!("u{i}"))
            .take(hashes.clone().count())
            .collect();
        let lines: Vec<_> = names.iter().map(String::as_str).zip(hashes).collect();
        let table = table(&lines);
        for (user, hash) in lines {
            assert!(table.check(user, b"s3cret").is_some(), "{hash}");
            assert!(table.check(user, b"guess").is_none(), "{hash}");
        }
        assert!(table.check("unknown", b"s3cret").is_none());
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

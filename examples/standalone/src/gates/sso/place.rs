use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::gates::people::Profile;
use crate::mount_path::MountPath;

/// The names of sign-in at a mount, which no other mount has.
pub(crate) struct Place {
    pub(super) cookie: String,
    /// The prefix of the routes of sign-in.
    pub(super) routes: String,
    /// The path to which the provider redirects people.
    pub(crate) callback: String,
}

impl Place {
    pub(crate) fn of(mount: &MountPath, profile: Profile) -> Self {
        if profile == Profile::StreamingProxy {
            return Self {
                cookie: String::from("assets_session_id"),
                routes: mount.join("/__sso"),
                callback: mount.join("/__redirect_from_sso"),
            };
        }
        let routes = mount.join("/oauth2");
        Self {
            cookie: cookie(mount),
            callback: format!("{routes}/callback"),
            routes,
        }
    }

    /// The paths that are routes, and not objects.
    pub(crate) fn paths(&self) -> [String; 3] {
        let own = |name| format!("{}/{name}", self.routes);
        [self.callback.clone(), own("login"), own("logout")]
    }
}

/// The longest name of a cookie that the library accepts.
const MAX_COOKIE: usize = 40;

/// `portcullis.docs.api` for `/docs/api`. Other bytes are encoded, so that no two paths have the same
/// name, and no name has a hyphen, which the library puts before the number of a cookie's part. A name that would
/// be too long is replaced by the beginning of a hash.
fn cookie(mount: &MountPath) -> String {
    let mut name = String::from("portcullis");
    for byte in mount.as_str().bytes() {
        match byte {
            b'/' => name.push('.'),
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => name.push(byte.into()),
            _ => push_hex(&mut name, &[byte]),
        }
    }
    if name.len() > MAX_COOKIE {
        name.truncate("portcullis".len());
        let hash = Sha256::digest(mount.as_str());
        push_hex(&mut name, &hash[..14]);
    }
    name
}

/// After a tilde, which has no other use here.
fn push_hex(name: &mut String, bytes: &[u8]) {
    name.push('~');
    for byte in bytes {
        // Writing into a `String` does not fail.
        let _ = write!(name, "{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mount: &str, profile: Profile) -> Place {
        Place::of(&MountPath::parse(mount).unwrap(), profile)
    }

    const LONG: &str = "/a/mount/that/is/deep/within/the/site";

    /// The hash is by `printf %s PATH | sha256sum`.
    #[test]
    fn each_mount_has_a_cookie_of_its_own() {
        for (mount, cookie) in [
            ("/", "portcullis"),
            ("/docs", "portcullis.docs"),
            ("/docs/", "portcullis.docs"),
            ("/docs/api", "portcullis.docs.api"),
            ("/docs.api", "portcullis.docs~2Eapi"),
            ("/docs-api", "portcullis.docs~2Dapi"),
            ("/docs~2Dapi", "portcullis.docs~7E2Dapi"),
            ("/1", "portcullis.1"),
            ("/é", "portcullis.~25C3~25A9"),
            (LONG, "portcullis~6F47F0FA712BA5657EB4AA1005A6"),
        ] {
            assert_eq!(of(mount, Profile::Portcullis).cookie, cookie, "{mount}");
        }
    }

    #[test]
    fn the_routes_are_within_the_mount() {
        let docs = of("/docs", Profile::Portcullis).paths();
        assert_eq!(
            docs,
            [
                "/docs/oauth2/callback",
                "/docs/oauth2/login",
                "/docs/oauth2/logout"
            ]
        );
        let root = of("/", Profile::StreamingProxy).paths();
        assert_eq!(
            root,
            ["/__redirect_from_sso", "/__sso/login", "/__sso/logout"]
        );
    }
}

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::mount::MountPath;

/// What is named after the mount where people sign in: two mounts have no name in common.
pub(in crate::settings) struct Place {
    pub(super) cookie: String,
    /// Below it are the routes of sign-in.
    pub(super) routes: String,
    /// Where the provider sends people back to.
    pub(in crate::settings) callback: String,
}

impl Place {
    pub(in crate::settings) fn of(mount: &MountPath, is_streaming_proxy: bool) -> Self {
        if is_streaming_proxy {
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

    /// All paths that are no object's here.
    pub(in crate::settings) fn paths(&self) -> [String; 3] {
        let own = |name| format!("{}/{name}", self.routes);
        [self.callback.clone(), own("login"), own("logout")]
    }
}

/// The longest name of a cookie that the library takes.
const MAX_COOKIE: usize = 40;

/// `portcullis.docs.api` for `/docs/api`. What else a path may have is spelled by its number, so that
/// no two paths make one name, and none has the hyphen after which a cookie's parts are told. A name
/// that would be too long is the beginning of a hash.
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

/// After a tilde, which stands for nothing else.
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

    fn of(mount: &str, is_streaming_proxy: bool) -> Place {
        Place::of(&MountPath::parse(mount).unwrap(), is_streaming_proxy)
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
            assert_eq!(of(mount, false).cookie, cookie, "{mount}");
        }
    }

    #[test]
    fn the_routes_are_within_the_mount() {
        let docs = of("/docs", false).paths();
        assert_eq!(
            docs,
            [
                "/docs/oauth2/callback",
                "/docs/oauth2/login",
                "/docs/oauth2/logout"
            ]
        );
        let root = of("/", true).paths();
        assert_eq!(
            root,
            ["/__redirect_from_sso", "/__sso/login", "/__sso/logout"]
        );
    }
}

//! Sign-in of people by a browser: by the variables of an OpenID Connect provider, by those of the
//! OAuth streaming proxy that the program takes the place of, or by a file.
//!
//! All three make an [`SsoDraft`], and [`sso`] makes a method of it. A mount's cookies and its own
//! routes are named after its path, so that those of two mounts are never taken for each other.

mod allow_list;
mod draft;
mod method;
mod oidc_variables;
mod place;
mod provider;
mod redis_url;
mod site;
mod streaming_proxy;
mod variables;

pub(super) use self::draft::{AllowedDraft, EndpointsDraft, ProviderDraft, SsoDraft};
pub(super) use self::method::sso;
pub(super) use self::place::Place;
pub(super) use self::variables::{NAMES, sso_of_variables};

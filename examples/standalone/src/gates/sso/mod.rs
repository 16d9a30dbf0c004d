//! Sign-in of people with a browser: by `[mounts.sso]`, by the variables of an OpenID Connect provider,
//! or by those of the OAuth streaming proxy, which the program can replace.
//!
//! All three make a [`Document`], and [`judge`] makes a method of it. A mount's cookies and routes are
//! named after its path, so that two mounts never share one.

mod allow_list;
mod document;
mod method;
mod oidc;
mod pages;
mod place;
mod provider;
mod secrets;
mod site;
mod streaming_proxy;
mod variables;
mod vcap;

pub(crate) use self::document::Document;
pub(crate) use self::method::judge;
pub(crate) use self::pages::all_trouble_alike;
pub(crate) use self::place::Place;
pub(crate) use self::variables::{names, of_variables};

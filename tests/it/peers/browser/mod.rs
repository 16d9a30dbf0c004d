//! People with a browser: Chromium, which signs in at npm's oidc-provider.
//!
//! It has to send the provider's cookies with what a page of another site loads, as that of npm's
//! `@sparticuz/chromium` does. Debian's keeps them back, and no image signs in with it.

mod gateway;
mod scenarios;

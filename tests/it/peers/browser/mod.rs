//! People with a browser: Chromium, which signs in at npm's oidc-provider.

mod gateway;
mod scenarios;

use super::error::{SettingError, Source};
use super::finder::Finder;
use super::issuer::IssuerDraft;
use super::jwt::JwtDraft;
use crate::flags::ServeFlags;

/// The variables that say whose tokens are taken, and mean nothing without `REQUIRE`.
pub(super) const OF_ISSUER: [&str; 4] = ["AUDIENCE", "ISSUER", "JWKSPATH", "SIGNATUREKEYPATH"];

/// The gate that `REQUIRE` and the variables beside it make. Without a scope in it, no token is
/// needed.
pub(super) fn jwt(flags: &ServeFlags, finder: &mut Finder<'_>) -> Option<JwtDraft> {
    let require = finder
        .variable("REQUIRE")
        .map(|given| given.map(|text| scopes(&text)));
    let require = require.filter(|given| !given.value.is_empty());
    let jwks_url = finder.variable("JWKSPATH");
    let key_file = finder.variable("SIGNATUREKEYPATH");
    if let (Some(url), Some(file)) = (&jwks_url, &key_file) {
        // Without a scope as well: it would mean something else once there is one.
        let both = SettingError::contradiction(&file.source, &url.source);
        finder.problems.add(both);
        return None;
    }
    let insecure_http = Source::Flag("--insecure-http-keys");
    if flags.insecure_http_keys && jwks_url.is_none() {
        let problem = "needs JWKSPATH, which is not set";
        let missing = SettingError::wrong(&insecure_http, problem);
        finder.problems.add(missing);
    }
    let require = require?;
    let mut needed = |name| {
        let given = finder.variable(name);
        if given.is_none() {
            let missing = require.wrong(format_args!("needs {name}, which is not set"));
            finder.problems.add(missing);
        }
        given
    };
    let (issuer, audience) = (needed("ISSUER"), needed("AUDIENCE"));
    if jwks_url.is_none() && key_file.is_none() {
        let missing = require.wrong("needs JWKSPATH or SIGNATUREKEYPATH, which are not set");
        finder.problems.add(missing);
        return None;
    }
    let issuer = IssuerDraft {
        issuer: issuer?,
        audiences: Some(audience?.map(|audience| vec![audience])),
        insecure_any_audience: None,
        jwks_url,
        insecure_http: flags.insecure_http_keys.then_some(insecure_http),
        key_file,
        algorithms: None,
        profile: None,
        scope_claims: None,
        leeway_seconds: None,
    };
    Some(JwtDraft {
        source: require.source.clone(),
        require: Some(require),
        resource: None,
        issuers: vec![issuer],
    })
}

/// All of the scopes between the commas, each a list of its own.
fn scopes(text: &str) -> Vec<Vec<String>> {
    let scopes = text.split(',').map(str::trim);
    let scopes = scopes.filter(|scope| !scope.is_empty());
    scopes.map(|scope| vec![scope.to_owned()]).collect()
}

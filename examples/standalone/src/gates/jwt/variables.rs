use super::document::{Document, Flags, Issuer};
use crate::given::{Finder, Given, OneOrMore, SettingError};

/// The variables of an issuer, which have no meaning without `REQUIRE` or `REQUIRED_CLAIMS`.
pub(crate) const OF_ISSUER: [&str; 4] = ["AUDIENCE", "ISSUER", "JWKSPATH", "SIGNATUREKEYPATH"];

/// Makes the gate of `REQUIRE`, `REQUIRED_CLAIMS` or both, and the variables beside them. If `REQUIRE` has no scope
/// and `REQUIRED_CLAIMS` is not set, JSON Web Tokens are not accepted.
pub(crate) fn of_variables(flags: &Flags, finder: &mut Finder<'_>) -> Option<Given<Document>> {
    let [audience, issuer, jwks_url, key_file] = OF_ISSUER;
    let require = finder
        .variable("REQUIRE")
        .map(|given| given.map(|text| scopes(&text)));
    let require = require.filter(|given| !given.value.is_empty());
    let claims = finder.variable("REQUIRED_CLAIMS");
    let jwks_url = finder.variable(jwks_url);
    let key_file = finder.variable(key_file);
    if let (Some(url), Some(file)) = (&jwks_url, &key_file) {
        // Refused without a scope as well: it would take effect once there is one.
        let both = SettingError::contradiction(&file.source, &url.source);
        finder.problems.add(both);
        return None;
    }
    let insecure_http = &flags.insecure_http_keys;
    if let (Some(flag), None) = (&insecure_http.on, &jwks_url) {
        let missing = SettingError::wrong(flag, "needs JWKSPATH, which is not set");
        finder.problems.add(missing);
    }
    let of_scopes = require.as_ref().map(|given| &given.source);
    let asked = Given {
        value: (),
        source: of_scopes
            .or(claims.as_ref().map(|given| &given.source))?
            .clone(),
    };
    let issuer = finder.needed(issuer, &asked);
    let audience = finder.needed(audience, &asked);
    if jwks_url.is_none() && key_file.is_none() {
        let missing = asked.wrong("needs JWKSPATH or SIGNATUREKEYPATH, which are not set");
        finder.problems.add(missing);
        return None;
    }
    let issuer = Issuer {
        issuer: Some(issuer?),
        audience: Some(audience?.map(|text| OneOrMore::More(listed(&text)))),
        jwks_url,
        insecure_http: insecure_http.clone(),
        key_file,
        claims_of_variable: claims,
        ..Issuer::default()
    };
    let source = asked.source;
    let document = Document {
        issuers: vec![Given {
            value: issuer,
            source: source.clone(),
        }],
        require,
        ..Document::default()
    };
    Some(Given {
        value: document,
        source,
    })
}

/// The scopes, which are separated by commas.
fn scopes(text: &str) -> Vec<OneOrMore> {
    listed(text).into_iter().map(OneOrMore::One).collect()
}

/// The entries between commas.
fn listed(text: &str) -> Vec<String> {
    let entries = text.split(',').map(str::trim);
    let entries = entries.filter(|entry| !entry.is_empty());
    entries.map(str::to_owned).collect()
}

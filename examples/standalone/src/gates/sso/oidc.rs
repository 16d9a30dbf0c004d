use super::document::Document;
use super::secrets::{Secrets, previous};
use super::vcap::redis_url;
use crate::given::{Finder, Given, Switch};

/// Sign-in at an OpenID Connect provider.
pub(super) fn oidc(issuer: Given, finder: &mut Finder<'_>) -> Option<Given<Document>> {
    let client_id = finder.needed("OIDC_CLIENT_ID", &issuer);
    let client_secret =
        finder.needed_secret("OIDC_CLIENT_SECRET", "OIDC_CLIENT_SECRET_FILE", &issuer);
    let cookie_secret = finder.needed_secret("COOKIE_SECRET", "COOKIE_SECRET_FILE", &issuer);
    let public_url = finder.variable("PUBLIC_URL");
    if public_url.is_none() && !finder.environment.has("TRUSTED_PROXIES") {
        let problem =
            "needs PUBLIC_URL, the URL that browsers use, or TRUSTED_PROXIES, which are not set";
        finder.problems.add(issuer.wrong(problem));
    }
    let scopes = finder.variable("OIDC_SCOPES");
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    let source = issuer.source.clone();
    let mut document = Document {
        client_id,
        metadata_url: finder.variable("OIDC_METADATA_URL"),
        authorize_url: finder.variable("OIDC_AUTHORIZE_URL"),
        token_url: finder.variable("OIDC_TOKEN_URL"),
        user_url: finder.variable("OIDC_USER_URL"),
        jwks_url: finder.variable("OIDC_JWKS_URL"),
        insecure_http: switch("OIDC_INSECURE_HTTP", finder),
        authorize_parameters: each(finder.list("OIDC_AUTHORIZE_PARAMETERS")),
        token_endpoint_auth_method: finder.variable("OIDC_TOKEN_ENDPOINT_AUTH_METHOD"),
        scopes: scopes.map(|given| given.map(words)),
        public_url,
        allowed_emails: finder.list("ALLOWED_EMAILS"),
        allowed_domains: finder.list("ALLOWED_DOMAINS"),
        allowed_groups: finder.list("ALLOWED_GROUPS"),
        allow_everyone_signed_in: switch("ALLOW_EVERYONE_SIGNED_IN", finder),
        ..Document::default()
    };
    if document.lets_nobody_in() {
        let problem = "needs ALLOWED_EMAILS, ALLOWED_DOMAINS or ALLOWED_GROUPS, or \
                       ALLOW_EVERYONE_SIGNED_IN=1 for every user of the provider";
        finder.problems.add(issuer.wrong(problem));
    }
    document.issuer = Some(issuer);
    let redis_url = redis_url(finder);
    let redis_url = finder.problems.take(redis_url);
    let previous_cookie = previous(finder);
    document.secrets = Some(Secrets {
        client: Some(client_secret?),
        cookie: cookie_secret?,
        is_derived: false,
        previous_cookie,
        redis_url: redis_url?,
    });
    Some(Given {
        value: document,
        source,
    })
}

/// The entries of a list, each with the source of the list.
fn each(list: Option<Given<Vec<String>>>) -> Vec<Given> {
    let entries = list.into_iter().flat_map(|Given { value, source }| {
        value.into_iter().map(move |value| Given {
            value,
            source: source.clone(),
        })
    });
    entries.collect()
}

fn switch(name: &'static str, finder: &mut Finder<'_>) -> Switch {
    let Some(given) = finder.variable(name) else {
        return Switch::default();
    };
    match &*given.value {
        "1" | "true" => Switch {
            on: Some(given.source),
        },
        "0" | "false" => Switch::default(),
        other => {
            let problem = format_args!("{other:?} is neither 1 nor 0");
            finder.problems.add(given.wrong(problem));
            Switch::default()
        }
    }
}

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
        scopes: scopes.map(|given| given.map(words)),
        public_url,
        allowed_emails: finder.list("ALLOWED_EMAILS"),
        allowed_domains: finder.list("ALLOWED_DOMAINS"),
        allowed_groups: finder.list("ALLOWED_GROUPS"),
        allow_everyone_signed_in: everyone(finder),
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

fn everyone(finder: &mut Finder<'_>) -> Switch {
    let Some(given) = finder.variable("ALLOW_EVERYONE_SIGNED_IN") else {
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

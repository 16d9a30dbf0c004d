use crate::gates::{jwt, sso};
use crate::given::{Environment, Given};
use crate::mount::MountDocument;

/// Variables of the proxies that this program can replace, which it does not use.
const WITHOUT_MEANING: [&str; 7] = [
    "APP_ENV",
    "COPILOT_ENVIRONMENT_NAME",
    "ECS_CONTAINER_METADATA_URI_V4",
    "ENABLE_XRAY",
    "SENTRY_DSN",
    "SENTRY_ENABLE_TRACING",
    "SENTRY_TRACES_SAMPLE_RATE",
];

/// Variables of nginx-s3-gateway, and what takes their place.
const NGINX_S3_GATEWAY: [(&str, &str); 22] = [
    ("ALLOW_DIRECTORY_LIST", NO_LISTS),
    (
        "APPEND_SLASH_FOR_POSSIBLE_DIRECTORY",
        "folder_redirect of [mounts.s3]",
    ),
    (
        "AWS_SIGS_VERSION",
        "nothing, since requests are signed by version 4",
    ),
    ("CORS_ALLOWED_ORIGIN", CORS),
    ("CORS_ENABLED", CORS),
    ("DIRECTORY_LISTING_PATH_PREFIX", NO_LISTS),
    (
        "HEADER_PREFIXES_TO_STRIP",
        "response_headers of [mounts.s3], which names what is passed on",
    ),
    ("JS_TRUSTED_CERT_PATH", "AWS_CA_BUNDLE"),
    ("PREFIX_LEADING_DIRECTORY_PATH", "KEY_PREFIX"),
    (
        "PROVIDE_INDEX_PAGE",
        "index of [mounts.s3], which is on by default",
    ),
    ("PROXY_CACHE_INACTIVE", NO_CACHE),
    ("PROXY_CACHE_MAX_SIZE", NO_CACHE),
    ("S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
    ("S3_BUCKET_NAME", "AWS_S3_BUCKET"),
    ("S3_REGION", "AWS_DEFAULT_REGION"),
    ("S3_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"),
    ("S3_SERVER", "S3_ENDPOINT_URL"),
    ("S3_SERVER_PORT", "S3_ENDPOINT_URL"),
    ("S3_SERVER_PROTO", "S3_ENDPOINT_URL"),
    ("S3_SERVICE", "nothing: directory buckets are not supported"),
    ("S3_STYLE", "addressing of [mounts.s3]"),
    ("STRIP_LEADING_DIRECTORY_PATH", "path of [[mounts]]"),
];

const NO_LISTS: &str = "nothing: folders are never listed";
const NO_CACHE: &str = "nothing: there is no cache";
const CORS: &str = "CORS_ORIGINS, or cors_origins of [[mounts]]";

const OAUTH2_PROXY: &str = "OAUTH2_PROXY_";

/// Variables of oauth2-proxy after [`OAUTH2_PROXY`], and what takes their place.
const OF_OAUTH2_PROXY: [(&str, &str); 37] = [
    ("ALLOWED_GROUPS", "ALLOWED_GROUPS"),
    ("AUTHENTICATED_EMAILS_FILE", "ALLOWED_EMAILS"),
    ("CLIENT_ID", "OIDC_CLIENT_ID"),
    ("CLIENT_SECRET", "OIDC_CLIENT_SECRET"),
    ("CLIENT_SECRET_FILE", "OIDC_CLIENT_SECRET_FILE"),
    ("CONFIG", "PORTCULLIS_CONFIG"),
    ("COOKIE_EXPIRE", "lifetime_seconds of [mounts.sso]"),
    ("COOKIE_SAMESITE", "same_site of [mounts.sso]"),
    ("COOKIE_SECRET", "COOKIE_SECRET"),
    ("COOKIE_SECRET_FILE", "COOKIE_SECRET_FILE"),
    (
        "EMAIL_DOMAINS",
        "ALLOWED_DOMAINS, or ALLOW_EVERYONE_SIGNED_IN=1 for *",
    ),
    ("EXTRA_JWT_ISSUERS", "[mounts.jwt]"),
    ("HTPASSWD_FILE", "HTPASSWD_FILE"),
    ("HTTPS_ADDRESS", "--listen"),
    ("HTTP_ADDRESS", "--listen"),
    (
        "INSECURE_OIDC_ALLOW_UNVERIFIED_EMAIL",
        "insecure_unverified_emails of [mounts.sso]",
    ),
    ("LOGIN_URL", "authorize_url of [mounts.sso]"),
    ("METRICS_ADDRESS", "listen of [admin]"),
    ("OIDC_GROUPS_CLAIM", "groups_claim of [mounts.sso]"),
    ("OIDC_ISSUER_URL", "OIDC_ISSUER"),
    ("PING_PATH", "live of [health]"),
    ("PROFILE_URL", "user_url of [mounts.sso]"),
    ("PROVIDER_CA_FILES", "SSL_CERT_FILE"),
    ("READY_PATH", "ready of [health]"),
    ("REDEEM_URL", "token_url of [mounts.sso]"),
    ("REDIRECT_URL", "PUBLIC_URL"),
    ("REDIS_CONNECTION_URL", "REDIS_ENDPOINT"),
    ("REVERSE_PROXY", "TRUSTED_PROXIES"),
    ("SCOPE", "OIDC_SCOPES"),
    ("SESSION_STORE_TYPE", "REDIS_ENDPOINT"),
    ("SKIP_AUTH_REGEX", "public of [[mounts]]"),
    ("SKIP_AUTH_ROUTES", "public of [[mounts]]"),
    ("SKIP_JWT_BEARER_TOKENS", "[mounts.jwt]"),
    ("TLS_CERT_FILE", "--certfile"),
    ("TLS_KEY_FILE", "--keyfile"),
    ("TRUSTED_PROXY_IPS", "TRUSTED_PROXIES"),
    ("UPSTREAMS", "AWS_S3_BUCKET"),
];

/// The variables that are set and not used: those above, and those of a gate that no mount has.
pub(super) fn without_meaning(
    environment: &Environment,
    mounts: &[Given<MountDocument>],
) -> Vec<&'static str> {
    let mounts = || mounts.iter().map(|mount| &mount.value);
    let mut names = WITHOUT_MEANING.to_vec();
    if !mounts().any(MountDocument::has_jwt_of_variables) {
        names.extend(jwt::OF_ISSUER);
    }
    let is_read = |name: &&str| mounts().any(|mount| mount.signs_in_by(name));
    names.extend(sso::names().into_iter().filter(|name| !is_read(name)));
    names.retain(|name| environment.has(name));
    names
}

/// A line for each variable of another proxy that is set, with what takes its place.
pub(super) fn replaced(environment: &Environment) -> Vec<String> {
    let mut lines: Vec<_> = NGINX_S3_GATEWAY
        .into_iter()
        .filter(|(name, _)| environment.has(name))
        .map(|(name, instead)| line(name, instead))
        .collect();
    for name in environment.names_with(OAUTH2_PROXY) {
        let rest = &name[OAUTH2_PROXY.len()..];
        let known = OF_OAUTH2_PROXY.iter().find(|(known, _)| *known == rest);
        lines.push(match known {
            Some((_, instead)) => line(name, instead),
            None => format!("{name} is not read, and nothing takes its place"),
        });
    }
    lines
}

fn line(name: &str, instead: &str) -> String {
    format!("{name} is not read; instead of it: {instead}")
}

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
const NGINX_S3_GATEWAY: [(&str, &str); 29] = [
    ("ALLOW_DIRECTORY_LIST", NO_LISTS),
    ("APPEND_SLASH_FOR_POSSIBLE_DIRECTORY", "use FOLDER_REDIRECT"),
    (
        "AWS_ACCESS_KEY_ID_FILE",
        "use access_key_id_file of [mounts.s3]",
    ),
    (
        "AWS_SECRET_ACCESS_KEY_FILE",
        "use secret_access_key_file of [mounts.s3]",
    ),
    (
        "AWS_SESSION_TOKEN_FILE",
        "use session_token_file of [mounts.s3]",
    ),
    ("AWS_SIGS_VERSION", "requests are signed by version 4"),
    ("CORS_ALLOWED_ORIGIN", CORS),
    (
        "CORS_ALLOW_PRIVATE_NETWORK_ACCESS",
        "browsers get no such header",
    ),
    ("CORS_ENABLED", CORS),
    ("DIRECTORY_LISTING_PATH_PREFIX", NO_LISTS),
    ("DNS_RESOLVERS", "the system's resolver is used"),
    ("FOUR_O_FOUR_ON_EMPTY_BUCKET", NO_LISTS),
    ("HEADER_PREFIXES_ALLOWED", HEADERS),
    ("HEADER_PREFIXES_TO_STRIP", HEADERS),
    ("IPV6_ENABLED", "use --listen"),
    ("JS_TRUSTED_CERT_PATH", "use AWS_CA_BUNDLE"),
    ("PREFIX_LEADING_DIRECTORY_PATH", "use KEY_PREFIX"),
    (
        "PROVIDE_INDEX_PAGE",
        "use index of [mounts.s3], which is on by default",
    ),
    ("S3_ACCESS_KEY_ID", "use AWS_ACCESS_KEY_ID"),
    ("S3_BUCKET_NAME", "use AWS_S3_BUCKET"),
    ("S3_REGION", "use AWS_DEFAULT_REGION"),
    ("S3_SECRET_KEY", "use AWS_SECRET_ACCESS_KEY"),
    ("S3_SERVER", ENDPOINT),
    ("S3_SERVER_PORT", ENDPOINT),
    ("S3_SERVER_PROTO", ENDPOINT),
    ("S3_SERVICE", "directory buckets are not supported"),
    ("S3_STYLE", "use addressing of [mounts.s3]"),
    ("S3_TRUSTED_CERT_PATH", "use AWS_CA_BUNDLE"),
    ("STRIP_LEADING_DIRECTORY_PATH", "use path of [[mounts]]"),
];

/// The beginning of nginx-s3-gateway's variables for its cache.
const PROXY_CACHE: &str = "PROXY_CACHE_";

const NO_LISTS: &str = "folders are never listed";
const CORS: &str = "use CORS_ORIGINS, or cors_origins of [[mounts]]";
const HEADERS: &str = "use response_headers of [mounts.s3], which names what is passed on";
const ENDPOINT: &str = "use S3_ENDPOINT_URL, for a store that is not AWS";
const PARAMETERS: &str = "use OIDC_AUTHORIZE_PARAMETERS";
const PUBLIC: &str = "use public of [[mounts]]";

const OAUTH2_PROXY: &str = "OAUTH2_PROXY_";

/// Variables of oauth2-proxy after [`OAUTH2_PROXY`], and what takes their place.
const OF_OAUTH2_PROXY: [(&str, &str); 51] = [
    ("ACR_VALUES", PARAMETERS),
    ("ALLOWED_GROUPS", "use ALLOWED_GROUPS"),
    (
        "ALLOWED_ROLES",
        "use allowed_groups and groups_claim of [mounts.sso]",
    ),
    (
        "API_ROUTES",
        "the Accept header decides between 401 and a redirect",
    ),
    (
        "AUTHENTICATED_EMAILS_FILE",
        "use ALLOWED_EMAILS, a list with commas",
    ),
    ("CLIENT_ID", "use OIDC_CLIENT_ID"),
    ("CLIENT_SECRET", "use OIDC_CLIENT_SECRET"),
    ("CLIENT_SECRET_FILE", "use OIDC_CLIENT_SECRET_FILE"),
    ("CODE_CHALLENGE_METHOD", "it is always S256"),
    ("CONFIG", "use PORTCULLIS_CONFIG, a file of other settings"),
    ("COOKIE_EXPIRE", "use lifetime_seconds of [mounts.sso]"),
    ("COOKIE_SAMESITE", "use same_site of [mounts.sso]"),
    ("COOKIE_SECRET", "use COOKIE_SECRET, of at least 32 bytes"),
    ("COOKIE_SECRET_FILE", "use COOKIE_SECRET_FILE"),
    (
        "COOKIE_SECURE",
        "cookies are Secure if the public URL is https",
    ),
    (
        "EMAIL_DOMAINS",
        "use ALLOWED_DOMAINS, or ALLOW_EVERYONE_SIGNED_IN=1 for *",
    ),
    ("EXTRA_JWT_ISSUERS", "use [mounts.jwt]"),
    ("HTPASSWD_FILE", "use HTPASSWD_FILE"),
    ("HTPASSWD_USER_GROUPS", "use group_file of [mounts.basic]"),
    ("HTTPS_ADDRESS", "use --listen"),
    ("HTTP_ADDRESS", "use --listen"),
    (
        "INSECURE_OIDC_ALLOW_UNVERIFIED_EMAIL",
        "use insecure_unverified_emails of [mounts.sso]",
    ),
    ("LOGIN_URL", "use OIDC_AUTHORIZE_URL"),
    ("METRICS_ADDRESS", "use listen of [admin]"),
    ("OIDC_GROUPS_CLAIM", "use groups_claim of [mounts.sso]"),
    ("OIDC_ISSUER_URL", "use OIDC_ISSUER"),
    ("OIDC_JWKS_URL", "use OIDC_JWKS_URL"),
    ("PING_PATH", "use live of [health]"),
    ("PROFILE_URL", "use OIDC_USER_URL"),
    ("PROMPT", PARAMETERS),
    (
        "PROVIDER",
        "use OIDC_ISSUER, or authorize_url of [mounts.sso] for plain OAuth 2.0",
    ),
    ("PROVIDER_CA_FILES", "use SSL_CERT_FILE"),
    ("READY_PATH", "use ready of [health]"),
    ("REDEEM_URL", "use OIDC_TOKEN_URL"),
    ("REDIRECT_URL", "use PUBLIC_URL, without the path"),
    ("REDIS_CONNECTION_URL", "use REDIS_ENDPOINT"),
    (
        "REDIS_PASSWORD",
        "use REDIS_ENDPOINT, whose URL has the password",
    ),
    ("REQUEST_LOGGING", "use --log-requests"),
    ("REVERSE_PROXY", "use TRUSTED_PROXIES"),
    ("SCOPE", "use OIDC_SCOPES"),
    ("SESSION_STORE_TYPE", "use REDIS_ENDPOINT for redis"),
    ("SKIP_AUTH_PREFLIGHT", CORS),
    ("SKIP_AUTH_REGEX", PUBLIC),
    ("SKIP_AUTH_ROUTES", PUBLIC),
    ("SKIP_JWT_BEARER_TOKENS", "use [mounts.jwt]"),
    (
        "SKIP_PROVIDER_BUTTON",
        "no page comes before the provider's",
    ),
    ("TLS_CERT_FILE", "use --certfile"),
    ("TLS_KEY_FILE", "use --keyfile"),
    ("TRUSTED_PROXY_IPS", "use TRUSTED_PROXIES"),
    ("UPSTREAMS", "use AWS_S3_BUCKET, or [[mounts]] for several"),
    ("UPSTREAM_TIMEOUT", "use first_byte_seconds of [mounts.s3]"),
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
    for name in environment.names_with(PROXY_CACHE) {
        lines.push(line(name, "there is no cache"));
    }
    for name in environment.names_with(OAUTH2_PROXY) {
        let rest = &name[OAUTH2_PROXY.len()..];
        let known = OF_OAUTH2_PROXY.iter().find(|(known, _)| *known == rest);
        lines.push(match known {
            Some((_, instead)) => line(name, instead),
            None => format!("{name} is not read: nothing takes its place"),
        });
    }
    lines
}

fn line(name: &str, instead: &str) -> String {
    format!("{name} is not read: {instead}")
}

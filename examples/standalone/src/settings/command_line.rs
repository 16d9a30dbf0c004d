use portcullis::Secret;

use super::draft::{Draft, Login, MountDraft};
use super::error::{SettingError, Source};
use super::finder::Finder;
use super::foreign::refuse_old_names;
use super::given::Given;
use super::jwt_variables::jwt;
use super::sso::sso_of_variables;
use super::tokens::TokensDraft;
use crate::flags::ServeFlags;

/// What flags and variables say of the process, which a file may say too.
pub(super) fn process(flags: &ServeFlags, finder: &mut Finder<'_>) -> Draft {
    let flag = |name, given: &Option<String>| Finder::flag(name, given.as_deref());
    let listen = flag("--listen", &flags.listen);
    let port = if listen.is_some() {
        None
    } else {
        finder.variable("PORT")
    };
    Draft {
        listen,
        port,
        workers: flag("--workers", &flags.workers),
        certfile: flag("--certfile", &flags.certfile),
        keyfile: flag("--keyfile", &flags.keyfile),
        log_format: flag("--log-format", &flags.log_format),
        ..Draft::default()
    }
}

/// The one mount, at the root, that flags and variables make.
pub(super) fn mount(flags: &ServeFlags, finder: &mut Finder<'_>) -> MountDraft {
    let mut mount = MountDraft::at(Given {
        value: String::from("/"),
        source: Source::Default("path"),
    });
    let old_names = refuse_old_names(finder.environment);
    finder.problems.take(old_names);
    mount.bucket = finder.either(("--bucket", flags.bucket.as_deref()), "AWS_S3_BUCKET");
    mount.prefix = finder.either(("--key-prefix", flags.key_prefix.as_deref()), "KEY_PREFIX");
    mount.region = Finder::flag("--region", flags.region.as_deref()).or_else(|| finder.region());
    mount.endpoint = endpoint(flags, finder);
    mount.health_key = finder.variable("AWS_S3_HEALTHCHECK_KEY");
    mount.login = finder.variable("BASIC_AUTH").map(login);
    let file = ("--htpasswd-file", flags.htpasswd_file.as_deref());
    mount.htpasswd_file = finder.either(file, "HTPASSWD_FILE");
    mount.jwt = jwt(flags, finder);
    mount.tokens = tokens(flags, finder);
    mount.sso = sso_of_variables(finder);
    let insecure = Source::Flag("--insecure-no-auth");
    mount.insecure_no_auth = flags.insecure_no_auth.then_some(insecure);
    mount
}

/// `S3_USE_LOCAL`, where it is set, says whether `S3_ENDPOINT_URL` is used.
fn endpoint(flags: &ServeFlags, finder: &mut Finder<'_>) -> Option<Given> {
    let endpoint = Finder::flag("--endpoint-url", flags.endpoint_url.as_deref());
    if endpoint.is_some() {
        return endpoint;
    }
    let Some(switch) = finder.variable("S3_USE_LOCAL") else {
        return finder.variable("S3_ENDPOINT_URL");
    };
    if matches!(&*switch.value, "0" | "false" | "False") {
        return None;
    }
    let endpoint = finder.variable("S3_ENDPOINT_URL");
    if endpoint.is_none() {
        let missing = switch.wrong("needs S3_ENDPOINT_URL, which is not set");
        finder.problems.add(missing);
    }
    endpoint
}

fn tokens(flags: &ServeFlags, finder: &mut Finder<'_>) -> Option<TokensDraft> {
    let file = ("--token-file", flags.token_file.as_deref());
    let file = finder.either(file, "TOKEN_FILE");
    if file.is_none() && flags.token_in_path {
        let flag = Source::Flag("--token-in-path");
        let problem = "needs --token-file or TOKEN_FILE, which is not set";
        finder.problems.add(SettingError::wrong(&flag, problem));
    }
    Some(TokensDraft {
        file: file?,
        require: None,
        in_path: flags.token_in_path,
    })
}

/// Takes `user:password` apart.
fn login(given: Given) -> Login {
    let (user, password) = given.value.split_once(':').unwrap_or((&given.value, ""));
    Login {
        user: user.to_owned(),
        password: Secret::new(password),
        source: given.source,
        rule: "must be user:password, neither of them empty, without control characters",
    }
}

/// What says something of a bucket contradicts a file, which says it for each mount.
pub(super) fn refuse_mount(flags: &ServeFlags, config: &Source, finder: &mut Finder<'_>) {
    let flags = [
        ("--bucket", flags.bucket.is_some()),
        ("--key-prefix", flags.key_prefix.is_some()),
        ("--region", flags.region.is_some()),
        ("--endpoint-url", flags.endpoint_url.is_some()),
        ("--htpasswd-file", flags.htpasswd_file.is_some()),
        ("--token-file", flags.token_file.is_some()),
        ("--token-in-path", flags.token_in_path),
        ("--insecure-http-keys", flags.insecure_http_keys),
        ("--insecure-no-auth", flags.insecure_no_auth),
    ];
    let variables = [
        "AWS_S3_BUCKET",
        "KEY_PREFIX",
        "S3_ENDPOINT_URL",
        "S3_USE_LOCAL",
        "AWS_S3_HEALTHCHECK_KEY",
        "AWS_S3_ENDPOINT",
        "AWS_S3_REGION",
        "BASIC_AUTH",
        "HTPASSWD_FILE",
        "TOKEN_FILE",
        "REQUIRE",
        "JWKSPATH",
        "SIGNATUREKEYPATH",
        "OIDC_ISSUER",
        "SSO_URL",
    ];
    let flags = flags.into_iter().filter(|(_, is_given)| *is_given);
    let flags = flags.map(|(name, _)| Source::Flag(name));
    let variables = variables
        .into_iter()
        .filter(|name| finder.environment.has(name));
    let sources: Vec<_> = flags.chain(variables.map(Source::Environment)).collect();
    for source in sources {
        finder
            .problems
            .add(SettingError::contradiction(&source, config));
    }
}

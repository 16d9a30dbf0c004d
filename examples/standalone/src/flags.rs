#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are the text of --help, where backticks and brackets would show"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgGroup, Args, Parser, Subcommand, value_parser};

use crate::failure::Failure;

/// Serves a private S3 bucket to people and machines that hold no AWS credentials. To see it work
/// without a bucket, run `portcullis demo`.
#[derive(Parser)]
#[command(
    name = "portcullis",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "\
Secrets are read from the environment alone, since every user of a machine sees command lines:
  BASIC_AUTH              user:password, the login that clients need
  AWS_ACCESS_KEY_ID       what the requests to S3 are signed with
  AWS_SECRET_ACCESS_KEY
  AWS_SESSION_TOKEN       with temporary credentials
Without keys, they are those that AWS's SDKs find: profiles, SSO, web identity, roles.

So are, for who comes from another proxy:
  AWS_S3_HEALTHCHECK_KEY  object that is served without a login
  S3_USE_LOCAL            whether S3_ENDPOINT_URL is used; where unset, it is
  REQUIRE                 scopes, with commas between them, that a JSON web token needs
  ISSUER, AUDIENCE        what its iss and aud have to be
  JWKSPATH                URL of the keys that it is signed by
  SIGNATUREKEYPATH        file with the public key, in place of the URL
  SSO_URL                 OAuth 2.0 provider, with SSO_CLIENT_ID, SSO_CLIENT_SECRET, SSO_URL_INTERNAL
                          and SSO_TOKEN_CHECK_GRACE_PERIOD
  REDIS_ENDPOINT          where sessions are kept; VCAP_SERVICES wins over it

For people who sign in with a browser at an OpenID Connect provider:
  OIDC_ISSUER             the provider, with OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_SCOPES
  PUBLIC_URL              the site as browsers know it; TRUSTED_PROXIES may say it
  COOKIE_SECRET           32 bytes that seal sessions; COOKIE_SECRET_PREVIOUS has those before
  ALLOWED_EMAILS, ALLOWED_DOMAINS, ALLOWED_GROUPS
                          who is let in; or ALLOW_EVERYONE_SIGNED_IN=1

A flag wins over its variable. A variable that is empty counts as unset."
)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeFlags,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serves a small package from an S3 within this program, and prints how to install it.
    Demo(DemoFlags),
    /// Says what would be served and who may read it, or all that is wrong with the settings.
    Check(Box<ServeFlags>),
    /// Makes, lists and revokes the tokens of a file, for --token-file.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Helps with the file of --config.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints a file with every setting, commented.
    Example,
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and prints it, this once: the file has what it is recognised by.
    New(NewTokenFlags),
    /// Prints what the file says of each token.
    List(TokenFileFlag),
    /// Makes a token good for nothing, within a second also where the file is being served from.
    Revoke(RevokeFlags),
}

#[derive(Args)]
pub(crate) struct TokenFileFlag {
    /// The file; `new` makes it where there is none [env: TOKEN_FILE].
    #[arg(long = "token-file", value_name = "FILE")]
    pub(crate) file: Option<String>,
}

#[derive(Args)]
#[command(group(ArgGroup::new("lifetime").required(true)))]
pub(crate) struct NewTokenFlags {
    #[command(flatten)]
    pub(crate) file: TokenFileFlag,
    /// Name of the token: who shows it is called so in the log.
    pub(crate) id: String,
    /// What it may; any number of times.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// How long it is good, in days.
    #[arg(long, value_name = "N", group = "lifetime", value_parser = value_parser!(u32).range(1..=36_500))]
    pub(crate) days: Option<u32>,
    /// Makes it good until it is revoked.
    #[arg(long, group = "lifetime")]
    pub(crate) no_expiry: bool,
}

#[derive(Args)]
pub(crate) struct RevokeFlags {
    #[command(flatten)]
    pub(crate) file: TokenFileFlag,
    /// Name of the token.
    pub(crate) id: String,
}

/// The flags without a subcommand. They are taken as text: `settings` judges flags and variables by
/// the same rules.
#[derive(Args)]
pub(crate) struct ServeFlags {
    /// TOML file with any number of buckets, in place of the flags for one [env: PORTCULLIS_CONFIG].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<String>,
    /// Bucket to serve, or bucket/prefix [env: AWS_S3_BUCKET].
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<String>,
    /// Serves only the keys below this prefix [env: KEY_PREFIX].
    #[arg(long, value_name = "PREFIX")]
    pub(crate) key_prefix: Option<String>,
    /// Region of the bucket [env: AWS_DEFAULT_REGION, else AWS_REGION].
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Store other than AWS, such as http://127.0.0.1:9000 [env: S3_ENDPOINT_URL].
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Address to listen on [env: PORT, on all interfaces] [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Users who may read, with hashed passwords [env: HTPASSWD_FILE].
    #[arg(long, value_name = "FILE")]
    pub(crate) htpasswd_file: Option<String>,
    /// Tokens that may read, as `portcullis token` writes them [env: TOKEN_FILE].
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<String>,
    /// Takes a token from the path too, /t/TOKEN/, as conda sends it.
    #[arg(long)]
    pub(crate) token_in_path: bool,
    /// Certificate chain as PEM, to serve over TLS; read again when it changes.
    #[arg(long, value_name = "FILE")]
    pub(crate) certfile: Option<String>,
    /// Key of the certificate as PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) keyfile: Option<String>,
    /// How requests are logged: text, or json [default: text].
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<String>,
    /// Threads that serve requests [default: one for each processor].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) workers: Option<String>,
    /// Fetches the keys of JWKSPATH by http as well, from wherever it is.
    #[arg(long)]
    pub(crate) insecure_http_keys: bool,
    /// Lets in everyone who reaches the address, where nobody could sign in.
    #[arg(long)]
    pub(crate) insecure_no_auth: bool,
}

#[derive(Args)]
pub(crate) struct DemoFlags {
    /// Address to listen on [default: 127.0.0.1:8080, or the next port that is free].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Folder for the objects of the demo, kept [default: a temporary one, removed at the end].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl Flags {
    /// Reads the command line; prints what `--help` and `--version` ask for and returns `None`.
    pub(crate) fn parse_arguments(
        arguments: impl Iterator<Item = OsString>,
    ) -> Result<Option<Self>, Failure> {
        match Self::try_parse_from(arguments) {
            Ok(flags) => Ok(Some(flags)),
            Err(error) if !error.use_stderr() => {
                let printed = error.print();
                printed.map_err(|error| Failure::running(format!("cannot print: {error}")))?;
                Ok(None)
            }
            Err(error) => Err(Failure::usage(condense(&error))),
        }
    }
}

/// The first lines of an error of clap as one: what is wrong, and not the paragraph about it.
fn condense(error: &clap::Error) -> String {
    let text = error.to_string();
    let hint = hint(&text);
    let lines = text.lines().take_while(|line| !line.is_empty());
    let line = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    // What is no flag may be a secret that was meant for the environment: `BASIC_AUTH=…`.
    let names_a_flag = line.contains("'--");
    match error.kind() {
        // What clap says then is what the command does.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("a word is missing after the command; {hint}")
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand if !names_a_flag => {
            format!("the command line has a word that is neither a flag nor a command; {hint}")
        }
        _ => format!("{line}; {hint}"),
    }
}

/// Where to read on: the help of the command whose usage clap shows.
fn hint(text: &str) -> String {
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: "));
    let words = usage.unwrap_or("portcullis").split(' ');
    let is_command = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let command: Vec<_> = words.take_while(is_command).collect();
    format!("see `{} --help`", command.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(arguments: &[&str]) -> String {
        let arguments = ["portcullis"].iter().chain(arguments);
        let result = Flags::try_parse_from(arguments.map(OsString::from));
        condense(&result.err().unwrap())
    }

    #[test]
    fn clap_is_set_up_consistently() {
        <Flags as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_wrong_command_line_is_one_line_without_a_secret() {
        for (arguments, expected) in [
            (
                &["--bukket", "x"][..],
                "unexpected argument '--bukket' found",
            ),
            (
                &["--basic-auth=ci:pa55word"],
                "unexpected argument '--basic-auth' found",
            ),
            (&["--listen"], "a value is required for '--listen <ADDR>'"),
            (
                &["BASIC_AUTH=ci:pa55word"],
                "the command line has a word that is neither a flag nor a command; see `portcullis --help`",
            ),
            (
                &["demo", "pa55word"],
                "the command line has a word that is neither",
            ),
            (
                &["-p", "pa55word"],
                "the command line has a word that is neither",
            ),
            (
                &["--bucket", "a", "--bucket", "b"],
                "the argument '--bucket <BUCKET>' cannot be used multiple times",
            ),
            (
                &["token", "new", "robot"],
                "the following required arguments were not provided: <--days <N>|--no-expiry>; see `portcullis token new --help`",
            ),
            (
                &["token", "new", "robot", "--days", "0"],
                "invalid value '0' for '--days <N>': 0 is not in 1..=36500",
            ),
            (
                &["token"],
                "a word is missing after the command; see `portcullis token --help`",
            ),
            (
                &["--bucket", "a", "demo"],
                "the subcommand 'demo' cannot be used with",
            ),
        ] {
            let line = error(arguments);
            assert!(line.starts_with(expected), "{line:?}");
            assert!(
                !line.contains('\n') && !line.contains("pa55word"),
                "{line:?}"
            );
        }
    }
}

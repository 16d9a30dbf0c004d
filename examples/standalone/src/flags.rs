#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are the text of --help, where backticks and brackets would show"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgGroup, Args, Parser, Subcommand, value_parser};

use crate::failure::Failure;
use crate::given::Given;
use crate::settings::ServeFlags;

/// Serves a private S3 bucket to people and machines that hold no AWS credentials. To try it without a
/// bucket, run `portcullis demo`.
#[derive(Parser)]
#[command(
    name = "portcullis",
    version = env!("PORTCULLIS_VERSION"),
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "\
Secrets are read from the environment or from files, since all users of a machine can see command lines:
  BASIC_AUTH              user:password that clients need
  AWS_ACCESS_KEY_ID       keys that sign the requests to S3
  AWS_SECRET_ACCESS_KEY
  AWS_SESSION_TOKEN       for temporary credentials
If no keys are set, the default AWS credential chain is used: profiles, SSO, web identity, roles.

Networks of the proxies in front of this program, separated by commas:
  TRUSTED_PROXIES         those whose X-Forwarded-* fields count
  PROXY_PROTOCOL          those that send the PROXY protocol, version 1 or 2

Limits:
  IDLE_SECONDS            time after which an idle connection is closed [default: 75]
  HEADER_BYTES            longest head of a request [default: 16384]

Variables of other proxies, to move from one without changing its environment:
  AWS_S3_HEALTHCHECK_KEY  object that is served without a login
  S3_USE_LOCAL            whether S3_ENDPOINT_URL is used [default: 1]
  REQUIRE                 scopes that a JSON Web Token needs, separated by commas
  REQUIRED_CLAIMS         what its claims must be: repository=octo/app,ref=refs/tags/*
  ISSUER, AUDIENCE        values that its iss and aud must have
  JWKSPATH                URL of the issuer's keys
  SIGNATUREKEYPATH        file with the issuer's public key, instead of the URL
  SSO_URL                 OAuth 2.0 provider, with SSO_CLIENT_ID, SSO_CLIENT_SECRET, SSO_URL_INTERNAL
                          and SSO_TOKEN_CHECK_GRACE_PERIOD
  REDIS_ENDPOINT          URL of the Redis that keeps sessions; VCAP_SERVICES overrides it

Sign-in of people with a browser at an OpenID Connect provider:
  OIDC_ISSUER             the provider, with OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_SCOPES
  PUBLIC_URL              URL that browsers use; without it, the TRUSTED_PROXIES report it
  COOKIE_SECRET           32 bytes that seal sessions; COOKIE_SECRET_PREVIOUS has previous ones
  ALLOWED_EMAILS, ALLOWED_DOMAINS, ALLOWED_GROUPS
                          people who are admitted; or ALLOW_EVERYONE_SIGNED_IN=1

Instead of a secret, a variable may name the file that has it: BASIC_AUTH_FILE, OIDC_CLIENT_SECRET_FILE,
COOKIE_SECRET_FILE, COOKIE_SECRET_PREVIOUS_FILE, SSO_CLIENT_SECRET_FILE, REDIS_ENDPOINT_FILE.

A flag overrides its variable. An empty variable counts as unset."
)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeFlags,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serves a small package from an S3 server within this program, and prints how to install it.
    Demo(DemoFlags),
    /// Prints what would be served and who may read it, or everything that is wrong with the settings.
    Check(Box<CheckFlags>),
    /// Creates, lists, replaces, revokes and removes the tokens of a file, for --token-file.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Helps with the file for --config.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Args)]
pub(crate) struct CheckFlags {
    #[command(flatten)]
    pub(crate) serve: ServeFlags,
    /// Also asks each bucket, key server, provider and Redis, and fails if one does not answer as it should.
    #[arg(long)]
    pub(crate) online: bool,
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints a file with every setting and comments.
    Example,
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Creates a token and prints it. It cannot be printed again: the file keeps only a hash.
    New(NewTokenFlags),
    /// Lists the tokens of the file.
    List(TokenFileFlag),
    /// Revokes a token, whose name stays taken. A running gateway notices within a second.
    Revoke(NamedTokenFlags),
    /// Removes a token, which ends if it was valid. Another one can then have its name.
    Remove(NamedTokenFlags),
    /// Replaces a token by a new one with the same name, scopes and expiry, and prints it. The old one ends.
    Rotate(NamedTokenFlags),
}

#[derive(Args)]
pub(crate) struct TokenFileFlag {
    /// The file. `new` creates it if it does not exist [env: TOKEN_FILE].
    #[arg(long = "token-file", value_name = "FILE")]
    pub(crate) file: Option<String>,
}

#[derive(Args)]
#[command(group(ArgGroup::new("lifetime").required(true)))]
pub(crate) struct NewTokenFlags {
    #[command(flatten)]
    pub(crate) file: TokenFileFlag,
    /// Name of the token. The log names its user by it.
    pub(crate) id: String,
    /// Scope of the token; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// Lifetime in days.
    #[arg(long, value_name = "N", group = "lifetime", value_parser = value_parser!(u32).range(1..=36_500))]
    pub(crate) days: Option<u32>,
    /// The token is valid until it is revoked.
    #[arg(long, group = "lifetime")]
    pub(crate) no_expiry: bool,
}

#[derive(Args)]
pub(crate) struct NamedTokenFlags {
    #[command(flatten)]
    pub(crate) file: TokenFileFlag,
    /// Name of the token.
    pub(crate) id: String,
}

#[derive(Args)]
pub(crate) struct DemoFlags {
    /// Address to listen on [default: 127.0.0.1:8080, or the next free port].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<Given>,
    /// Folder for the objects of the demo, which is kept [default: a temporary one].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// Whether a command line asks for a log of JSON, found before it is parsed, so that what is wrong with it is JSON
/// too.
pub(crate) fn ask_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<_> = arguments.collect();
    let mut pairs = arguments.windows(2);
    arguments.iter().any(|it| it == "--log-format=json")
        || pairs.any(|pair| pair[0] == "--log-format" && pair[1] == "json")
}

impl Flags {
    /// Reads the command line. Prints the text of `--help` or `--version` and returns `None`.
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

/// Joins the first lines of an error of clap, which say what is wrong, without the usage after them.
fn condense(error: &clap::Error) -> String {
    let text = error.to_string();
    let hint = hint(&text);
    let lines = text.lines().take_while(|line| !line.is_empty());
    let line = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    // A word that is not a flag may be a secret that was meant for the environment: `BASIC_AUTH=…`.
    let names_a_flag = line.contains("'--");
    match error.kind() {
        // The first lines then describe the command.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("the command needs a subcommand; {hint}")
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand if !names_a_flag => {
            format!("the command line has a word that is neither a flag nor a command; {hint}")
        }
        _ => format!("{line}; {hint}"),
    }
}

/// The `--help` of the command whose usage clap shows.
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
    fn json_is_asked_for_in_two_spellings() {
        for (arguments, asks) in [
            (&["--log-format", "json"][..], true),
            (&["check", "--log-format=json", "--bukket"], true),
            (&["--log-format", "text"], false),
            (&["--log-format"], false),
            (&["json", "--log-format"], false),
        ] {
            let found = ask_for_json(arguments.iter().map(OsString::from));
            assert_eq!(found, asks, "{arguments:?}");
        }
    }

    #[test]
    fn wrong_command_lines_are_one_line_without_secrets() {
        for (arguments, expected) in [
            (
                &["--bukket", "x"][..],
                "unexpected argument '--bukket' found",
            ),
            (
                &["--basic-auth=ci:pa55word"],
                "unexpected argument '--basic-auth' found",
            ),
            (
                &["--bucket", "\u{feff}wheels"],
                "--bucket (flag): begins or ends with white space",
            ),
            (&["--bucket='wheels'"], "--bucket (flag): is within quotes"),
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
                "the command needs a subcommand; see `portcullis token --help`",
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

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments are the text of --help, where backticks and brackets would show"
)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

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
  BASIC_AUTH             user:password, the login that clients need
  AWS_ACCESS_KEY_ID      what the requests to S3 are signed with
  AWS_SECRET_ACCESS_KEY
  AWS_SESSION_TOKEN      with temporary credentials

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
}

/// The flags without a subcommand. They are taken as text: `settings` judges flags and variables by
/// the same rules.
#[derive(Args)]
pub(crate) struct ServeFlags {
    /// Bucket to serve, or bucket/prefix [env: AWS_S3_BUCKET].
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<String>,
    /// Serves only the keys below this prefix [env: KEY_PREFIX].
    #[arg(long, value_name = "PREFIX")]
    pub(crate) key_prefix: Option<String>,
    /// Region of the bucket [env: AWS_DEFAULT_REGION].
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Store other than AWS, such as http://127.0.0.1:9000 [env: S3_ENDPOINT_URL].
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Address to listen on [env: PORT, on all interfaces] [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Threads that serve requests [default: one for each processor].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) workers: Option<String>,
    /// Lets in everyone who reaches the address, where BASIC_AUTH is not set.
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

/// The first line of an error of clap, which has a paragraph.
fn condense(error: &clap::Error) -> String {
    const HINT: &str = "see `portcullis --help`";
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    // What is no flag may be a secret that was meant for the environment: `BASIC_AUTH=…`.
    let names_a_flag = line.contains("'--");
    match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand if !names_a_flag => {
            format!("the command line has a word that is neither a flag nor `demo`; {HINT}")
        }
        _ => format!("{line}; {HINT}"),
    }
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
                "the command line has a word that is neither",
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

use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};

use portcullis::token::{
    NewToken, TokenEntry, TokenFile, TokenFileError, TokenFileErrorKind, TokenFormat,
};
use portcullis::{Clock, Secret, SystemClock};

use crate::error_chain::chain;
use crate::failure::Failure;
use crate::flags::{NamedTokenFlags, NewTokenFlags, TokenCommand, TokenFileFlag};
use crate::given::Environment;
use crate::table::table;
use crate::timestamp::Timestamp;

/// `portcullis token`: edits the file of `--token-file`.
pub(crate) fn run(command: &TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::New(flags) => print_token(&new(flags, SystemClock::default().now())?),
        TokenCommand::List(file) => {
            let printed = print(&list(file)?);
            printed.map_err(|error| Failure::running(format!("cannot print: {error}")))
        }
        TokenCommand::Revoke(flags) => change(flags, |file| file.revoke(&flags.id)),
        TokenCommand::Remove(flags) => change(flags, |file| file.remove(&flags.id)),
        TokenCommand::Rotate(flags) => {
            let rotate = |file: &TokenFile| file.rotate(&TokenFormat::default(), &flags.id);
            print_token(&change(flags, rotate)?)
        }
    }
}

/// Changes a token of the file.
fn change<T>(
    flags: &NamedTokenFlags,
    change: impl FnOnce(&TokenFile) -> Result<T, TokenFileError>,
) -> Result<T, Failure> {
    let path = path(&flags.file)?;
    let changed = TokenFile::open(&path).and_then(|file| change(&file));
    changed.map_err(|error| failed(&path, &error))
}

fn print_token(token: &Secret) -> Result<(), Failure> {
    let unseen = "; the token is in the file, but nobody has seen it: revoke it";
    print(&format!("{}\n", token.expose()))
        .map_err(|error| Failure::running(format!("cannot print: {error}{unseen}")))
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())
}

fn new(flags: &NewTokenFlags, now: SystemTime) -> Result<Secret, Failure> {
    let mut token = NewToken::new(&flags.id).with_scopes(&flags.scopes);
    if let Some(days) = flags.days {
        let lifetime = Duration::from_hours(24) * days;
        token = token.with_expires_at(now + lifetime);
    }
    let path = path(&flags.file)?;
    let file = TokenFile::open_or_create(&path).map_err(|error| failed(&path, &error))?;
    let token = file.issue(&TokenFormat::default(), token);
    token.map_err(|error| failed(&path, &error))
}

fn list(file: &TokenFileFlag) -> Result<String, Failure> {
    let path = path(file)?;
    let file = TokenFile::open(&path).map_err(|error| failed(&path, &error))?;
    let tokens = file.list().map_err(|error| failed(&path, &error))?;
    let mut rows = vec![["ID", "CREATED", "EXPIRES", "REVOKED", "SCOPES"].map(str::to_owned)];
    rows.extend(tokens.iter().map(row));
    Ok(table(&rows))
}

fn row(token: &TokenEntry) -> [String; 5] {
    let time = |time: SystemTime| Timestamp(time).to_string();
    let or_none = |moment: Option<SystemTime>| moment.map_or_else(|| String::from("-"), time);
    let scopes: Vec<_> = token.scopes().collect();
    [
        token.id().to_owned(),
        time(token.created_at()),
        or_none(token.expires_at()),
        or_none(token.revoked_at()),
        scopes.join(" "),
    ]
}

/// The file of the flag, otherwise of the variable.
fn path(flag: &TokenFileFlag) -> Result<String, Failure> {
    let environment = Environment::of_process();
    let path = flag
        .file
        .clone()
        .map(Ok)
        .or_else(|| environment.token_file().transpose());
    let missing = "no token file: set --token-file or TOKEN_FILE";
    path.transpose()?.ok_or_else(|| Failure::usage(missing))
}

fn failed(path: &str, error: &TokenFileError) -> Failure {
    let problem = format!("{path}: {}", chain(error));
    match error.kind() {
        TokenFileErrorKind::Unreadable | TokenFileErrorKind::Unwritable => {
            Failure::running(problem)
        }
        _ => Failure::usage(problem),
    }
}

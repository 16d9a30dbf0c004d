#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of fields are the text of --help, where backticks would show"
)]

use clap::Args;
use portcullis::gate::Carrier;
use portcullis::token::{TokenFile, TokenFileError, TokenTable, Tokens};
use portcullis::{ConfigError, TokenAuthLayer};

use super::access::{Method, REALM, SignIn};
use super::scopes::policy;
use crate::error_chain::chain;
use crate::given::{Finder, Given, OneOrMore, SettingError, Switch, document};
use crate::stderr::say;

document! {
    /// `[mounts.tokens]`: the tokens of a file.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct Document {
        /// File of tokens that may read, written by `portcullis token` [env: TOKEN_FILE].
        #[arg(long = "token-file", value_name = "FILE")]
        pub(crate) file: Option<Given>,
        // All entries of the list, and any one of a nested list.
        #[arg(skip)]
        require: Option<Given<Vec<OneOrMore>>>,
        /// Accepts a token in the path too: /t/TOKEN/, as conda sends it.
        #[arg(long = "token-in-path", action = clap::ArgAction::SetTrue)]
        pub(crate) in_path: Switch,
    }
}

impl Document {
    /// Reads its variables.
    pub(crate) fn read(&mut self, finder: &mut Finder<'_>) {
        finder.fill(&mut self.file, "TOKEN_FILE");
        if let (None, Some(flag)) = (&self.file, &self.in_path.on) {
            let problem = "needs --token-file or TOKEN_FILE, which is not set";
            finder.problems.add(SettingError::wrong(flag, problem));
        }
    }
}

/// The tokens of a file, which is read again when it changes.
pub(crate) fn judge(document: &Given<Document>) -> Result<SignIn, SettingError> {
    let Document {
        file,
        require,
        in_path,
    } = &document.value;
    let file = file.as_ref().ok_or_else(|| document.wrong("needs file"))?;
    let path = &file.value;
    let unread = |error: TokenFileError| file.wrong(format_args!("{path}: {}", chain(&error)));
    let store = TokenFile::open(path).map_err(unread)?;
    let number = store.list().map_err(unread)?.len();
    let store = store.with_reload_observer(report(path.clone()));
    let layer = layer(Tokens::new(store), in_path.is_on());
    let mut layer = layer.map_err(|error| file.wrong(error))?;
    if let Some(require) = require {
        layer = layer.with_required_scopes(policy(require)?);
    }
    let method = Method::new(format!("{number} tokens of {path}"), layer);
    Ok(SignIn {
        token_in_path: in_path.is_on(),
        ..method.into()
    })
}

fn layer(tokens: Tokens, in_path: bool) -> Result<TokenAuthLayer, ConfigError> {
    let mut carriers = vec![Carrier::bearer(), Carrier::basic_password()];
    if in_path {
        carriers.push(Carrier::path_token());
    }
    TokenAuthLayer::new(REALM, tokens)?.with_carriers(carriers)
}

fn report(path: String) -> impl Fn(Result<&TokenTable, &TokenFileError>) {
    move |read| match read {
        Ok(table) => say(format_args!("{path} was reloaded: {} tokens", table.len())),
        Err(error) => {
            let problem = chain(error);
            say(format_args!(
                "{path} cannot be reloaded, so the previous tokens remain: {problem}"
            ));
        }
    }
}

use portcullis::gate::Carrier;
use portcullis::token::{TokenFile, TokenFileError, TokenTable, Tokens};
use portcullis::{ConfigError, TokenAuthLayer};

use super::access::REALM;
use super::error::SettingError;
use super::given::Given;
use super::scopes::policy;
use crate::error_chain::chain;
use crate::mount::Method;
use crate::stderr::say;

/// `[mounts.tokens]`, or the file that a flag or a variable names.
pub(super) struct TokensDraft {
    pub(super) file: Given,
    /// All of the lists, and of each any one.
    pub(super) require: Option<Given<Vec<Vec<String>>>>,
    /// Whether a token may stand in the path: `/t/<token>/`.
    pub(super) in_path: bool,
}

/// The tokens of a file, which is read again when it changes.
pub(super) fn tokens(draft: &TokensDraft) -> Result<Method, SettingError> {
    let file = &draft.file;
    let path = &file.value;
    let unread = |error: TokenFileError| file.wrong(format_args!("{path}: {}", chain(&error)));
    let store = TokenFile::open(path).map_err(unread)?;
    let number = store.list().map_err(unread)?.len();
    let store = store.with_reload_observer(report(path.clone()));
    let layer = layer(Tokens::new(store), draft.in_path);
    let mut layer = layer.map_err(|error| file.wrong(error))?;
    if let Some(require) = &draft.require {
        layer = layer.with_required_scopes(policy(require)?);
    }
    Ok(Method::new(format!("{number} tokens of {path}"), layer))
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
        Ok(table) => say(format_args!("{path} was read anew: {} tokens", table.len())),
        Err(error) => {
            let problem = chain(error);
            say(format_args!(
                "{path} cannot be used, and the tokens before stay: {problem}"
            ));
        }
    }
}

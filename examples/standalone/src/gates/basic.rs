#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of fields are the text of --help, where backticks would show"
)]

use clap::Args;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::PasswordVerifier;
use portcullis::{ConfigError, Secret};

use super::access::{Method, REALM, SignIn};
use super::context::Context;
use super::htpasswd::users_of_file;
use crate::given::{Environment, Finder, Given, OneOrMore, SettingError, Source, document};

document! {
    /// `[mounts.basic]`: one user, or the users of a file.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct Document {
        #[arg(skip)]
        user: Option<Given>,
        #[arg(skip)]
        password_env: Option<Given>,
        #[arg(skip)]
        password_file: Option<Given>,
        /// htpasswd file of users who may read [env: HTPASSWD_FILE].
        #[arg(long, value_name = "FILE")]
        htpasswd_file: Option<Given>,
        // The groups of a user are its scopes.
        #[arg(skip)]
        group_file: Option<Given>,
        // All entries of the list, and any one of a nested list.
        #[arg(skip)]
        require: Option<Given<Vec<OneOrMore>>>,
        // `user:password`, from the environment.
        #[arg(skip)]
        #[serde(skip)]
        login: Option<Given<Secret>>,
    }
}

impl Document {
    /// Reads its variables.
    pub(crate) fn read(&mut self, finder: &mut Finder<'_>) {
        self.login = finder.secret("BASIC_AUTH", "BASIC_AUTH_FILE");
        finder.fill(&mut self.htpasswd_file, "HTPASSWD_FILE");
    }

    /// The files that it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Given> {
        [&self.htpasswd_file, &self.group_file, &self.password_file]
            .into_iter()
            .flatten()
    }

    /// The setting that names its users.
    pub(crate) fn source(&self) -> Option<&Source> {
        let login = self.login.as_ref().map(|given| &given.source);
        let mut users = [&self.user, &self.htpasswd_file].into_iter().flatten();
        login.or_else(|| users.next().map(|given| &given.source))
    }
}

/// The one user of a mount.
struct Login {
    source: Source,
    user: String,
    password: Secret,
    /// The rule for both, for an error.
    rule: &'static str,
}

pub(crate) fn judge(
    document: &Given<Document>,
    context: &Context<'_>,
) -> Result<SignIn, SettingError> {
    let Document {
        htpasswd_file,
        group_file,
        require,
        ..
    } = &document.value;
    let login = login(&document.value, context.environment)?;
    if let (Some(groups), None) = (group_file, htpasswd_file) {
        return Err(groups.wrong("needs htpasswd_file"));
    }
    if let (Some(require), None) = (require, group_file) {
        return Err(require.wrong("needs group_file, without which users have no scopes"));
    }
    let method = match (login, htpasswd_file) {
        (Some(login), Some(file)) => {
            return Err(SettingError::contradiction(&file.source, &login.source));
        }
        (Some(login), None) => one_user(login)?,
        (None, Some(file)) => {
            let pool = context.check_pool.clone();
            users_of_file(file, group_file.as_ref(), require.as_ref(), pool)?
        }
        (None, None) => {
            return Err(
                document.wrong("needs user with password_env or password_file, or htpasswd_file")
            );
        }
    };
    Ok(method.into())
}

fn login(document: &Document, environment: &Environment) -> Result<Option<Login>, SettingError> {
    if let Some(Given { value, source }) = &document.login {
        let (user, password) = value
            .expose()
            .split_once(':')
            .unwrap_or((value.expose(), ""));
        return Ok(Some(Login {
            source: source.clone(),
            user: user.to_owned(),
            password: Secret::new(password),
            rule: "must be user:password, both not empty and without control characters",
        }));
    }
    let (variable, file) = (&document.password_env, &document.password_file);
    let Some(user) = &document.user else {
        let password = [variable, file].into_iter().flatten().next();
        return password.map_or(Ok(None), |given| Err(given.wrong("needs user")));
    };
    let password = environment.secret(variable.as_ref(), file.as_ref())?;
    let password = password.ok_or_else(|| user.wrong("needs password_env or password_file"))?;
    Ok(Some(Login {
        source: user.source.clone(),
        user: user.value.clone(),
        password: password.value,
        rule: "must not be empty or have a colon, and neither it nor the password may have control characters",
    }))
}

fn one_user(login: Login) -> Result<Method, SettingError> {
    // The error of the library names the user, which is half of a secret here.
    let wrong = |_| SettingError::wrong(&login.source, login.rule);
    let who = format!("user {}", login.user);
    user(login.user, login.password)
        .map(|layer| Method::new(who, layer))
        .map_err(wrong)
}

fn user(name: String, password: Secret) -> Result<BasicAuthLayer, ConfigError> {
    if name.is_empty() {
        return Err(ConfigError::new("user", "is empty"));
    }
    layer(FixedUsers::new([(name, password)])?)
}

/// The layer for any table of users.
pub(crate) fn layer(users: impl PasswordVerifier) -> Result<BasicAuthLayer, ConfigError> {
    BasicAuthLayer::new(REALM, users)
}

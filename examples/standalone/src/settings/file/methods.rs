use portcullis::Secret;
use toml::Spanned;

use super::document::{Basic, Issuer, Jwt, OneOrMore, Tokens};
use super::place::Text;
use crate::settings::draft::{Login, MountDraft};
use crate::settings::environment::{Environment, NotUtf8};
use crate::settings::error::{SettingError, Source};
use crate::settings::given::Given;
use crate::settings::issuer::IssuerDraft;
use crate::settings::jwt::JwtDraft;
use crate::settings::tokens::TokensDraft;

/// The users of `[mounts.basic]`: one with a password, or those of a file.
pub(super) fn users(
    draft: &mut MountDraft,
    basic: Spanned<Basic>,
    text: &Text<'_>,
    environment: &Environment,
) -> Result<(), SettingError> {
    let table = text.source("mounts.basic", &basic.span());
    let basic = basic.into_inner();
    let user = text.option("mounts.basic.user", basic.user);
    let variable = text.option("mounts.basic.password_env", basic.password_env);
    draft.htpasswd_file = text.option("mounts.basic.htpasswd_file", basic.htpasswd_file);
    draft.login = match (user, variable) {
        (Some(user), Some(variable)) => Some(login(user, &variable, environment)?),
        (Some(user), None) => return Err(user.wrong("needs password_env beside it")),
        (None, Some(variable)) => return Err(variable.wrong("needs user beside it")),
        (None, None) => None,
    };
    if draft.login.is_none() && draft.htpasswd_file.is_none() {
        let problem = "needs user and password_env, or htpasswd_file";
        return Err(SettingError::wrong(&table, problem));
    }
    Ok(())
}

fn login(user: Given, variable: &Given, environment: &Environment) -> Result<Login, SettingError> {
    Ok(Login {
        source: user.source,
        user: user.value,
        password: secret(variable, environment)?.value,
        rule: "must not be empty nor have a colon, and neither it nor the password a control character",
    })
}

/// The value of a variable that a setting names.
pub(super) fn secret(
    variable: &Given,
    environment: &Environment,
) -> Result<Given<Secret>, SettingError> {
    let name = &variable.value;
    match environment.text(name) {
        Ok(Some(value)) => Ok(Given {
            value: Secret::new(value),
            source: variable.source.clone(),
        }),
        Ok(None) => Err(variable.wrong(format_args!("{name:?} is not set"))),
        Err(NotUtf8) => Err(variable.wrong(format_args!("{name:?} is not UTF-8"))),
    }
}

/// Where a switch was turned on.
pub(super) fn switch(
    setting: &'static str,
    value: Option<Spanned<bool>>,
    text: &Text<'_>,
) -> Option<Source> {
    let given = text.option(setting, value)?;
    given.value.then_some(given.source)
}

/// The issuers of `[mounts.jwt]`, and what their tokens need.
pub(super) fn jwt(jwt: Spanned<Jwt>, text: &Text<'_>) -> Result<JwtDraft, SettingError> {
    let source = text.source("mounts.jwt", &jwt.span());
    let jwt = jwt.into_inner();
    if jwt.issuers.is_empty() {
        let problem = "needs [[mounts.jwt.issuers]]";
        return Err(SettingError::wrong(&source, problem));
    }
    let issuers = jwt.issuers.into_iter();
    Ok(JwtDraft {
        source,
        require: lists(text.option("mounts.jwt.require", jwt.require)),
        resource: text.option("mounts.jwt.resource", jwt.resource),
        issuers: issuers.map(|it| issuer(it.into_inner(), text)).collect(),
    })
}

fn issuer(issuer: Issuer, text: &Text<'_>) -> IssuerDraft {
    let audience = text.option("mounts.jwt.issuers.audience", issuer.audience);
    IssuerDraft {
        issuer: text.given("mounts.jwt.issuers.issuer", issuer.issuer),
        audiences: audience.map(|given| given.map(Vec::from)),
        insecure_any_audience: switch(
            "mounts.jwt.issuers.insecure_any_audience",
            issuer.insecure_any_audience,
            text,
        ),
        jwks_url: text.option("mounts.jwt.issuers.jwks_url", issuer.jwks_url),
        insecure_http: switch(
            "mounts.jwt.issuers.insecure_http",
            issuer.insecure_http,
            text,
        ),
        key_file: text.option("mounts.jwt.issuers.key_file", issuer.key_file),
        algorithms: text.option("mounts.jwt.issuers.algorithms", issuer.algorithms),
        profile: text.option("mounts.jwt.issuers.profile", issuer.profile),
        scope_claims: lists(text.option("mounts.jwt.issuers.scope_claims", issuer.scope_claims)),
        leeway_seconds: text.option("mounts.jwt.issuers.leeway_seconds", issuer.leeway_seconds),
    }
}

/// The file of `[mounts.tokens]`.
pub(super) fn tokens(tokens: Tokens, text: &Text<'_>) -> TokensDraft {
    TokensDraft {
        file: text.given("mounts.tokens.file", tokens.file),
        require: lists(text.option("mounts.tokens.require", tokens.require)),
        in_path: tokens.in_path,
    }
}

fn lists(given: Option<Given<Vec<OneOrMore>>>) -> Option<Given<Vec<Vec<String>>>> {
    let lists = |value: Vec<OneOrMore>| value.into_iter().map(Vec::from).collect();
    given.map(|given| given.map(lists))
}

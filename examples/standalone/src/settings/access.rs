use portcullis::ConfigError;
use portcullis::JwksKeys;
use portcullis::basic_auth::BasicAuthLayer;
use portcullis::gate::PasswordVerifier;
use portcullis::resource_metadata::ResourceMetadata;

use super::draft::MountDraft;
use super::error::SettingError;
use super::htpasswd::users_of_file;
use super::jwt::jwt;
use super::one_user::one_user;
use super::problems::Problems;
use super::sso::sso as sso_of;
use super::tokens::tokens;
use crate::mount::{Access, MountPath, People};

/// What browsers show in their prompt.
pub(super) const REALM: &str = "portcullis";

/// Who may read a mount, and what the ways to sign in bring along.
pub(super) struct SignIn {
    pub(super) access: Access,
    pub(super) keys: Vec<JwksKeys>,
    pub(super) metadata: Option<ResourceMetadata>,
    pub(super) people: Option<People>,
    pub(super) token_in_path: bool,
}

/// To leave out a gate that was asked for would be worse than to say so, and of two tables of users
/// nobody could tell which one admits.
pub(super) fn sign_in(
    draft: MountDraft,
    path: Option<&MountPath>,
    problems: &mut Problems,
) -> Option<SignIn> {
    problems.take(refuse_contradictions(&draft))?;
    let missing = missing_gate(&draft);
    let token_in_path = draft.tokens.as_ref().is_some_and(|tokens| tokens.in_path);
    let tokens = problems.take(draft.tokens.as_ref().map(tokens).transpose());
    let jwt = problems.take(draft.jwt.as_ref().map(jwt).transpose());
    let sso = match draft.sso.as_ref().zip(path) {
        Some((draft, path)) => sso_of(draft, path, problems).map(Some),
        None => Some(None),
    };
    let user = problems.take(draft.login.map(one_user).transpose());
    let users = draft.htpasswd_file.as_ref().map(users_of_file);
    let users = problems.take(users.transpose());
    let (tokens, jwt, sso, user, users) = (tokens?, jwt?, sso?, user?, users?);
    let mut methods: Vec<_> = tokens.into_iter().collect();
    let (mut keys, mut metadata, mut people) = (Vec::new(), None, None);
    if let Some(jwt) = jwt {
        methods.push(jwt.method);
        (keys, metadata) = (jwt.keys, jwt.metadata);
    }
    // After what a client shows by itself: a browser sends its cookie whatever else it sends.
    if let Some(sso) = sso {
        methods.push(sso.method);
        people = Some(sso.people);
    }
    // Last, since any password has the shape of theirs.
    methods.extend(user.into_iter().chain(users));
    let access = match methods {
        methods if !methods.is_empty() => Access::AnyOf(methods),
        _ if draft.insecure_no_auth.is_some() => Access::InsecureEveryone,
        // Its mount has no path, which is said already.
        _ if draft.sso.is_some() => return None,
        _ => {
            problems.add(missing);
            return None;
        }
    };
    Some(SignIn {
        access,
        keys,
        metadata,
        people,
        token_in_path,
    })
}

fn refuse_contradictions(draft: &MountDraft) -> Result<(), SettingError> {
    let login = draft.login.as_ref().map(|login| &login.source);
    let file = draft.htpasswd_file.as_ref().map(|file| &file.source);
    let jwt = draft.jwt.as_ref().map(|jwt| &jwt.source);
    let tokens = draft.tokens.as_ref().map(|tokens| &tokens.file.source);
    let sso = draft.sso.as_ref().map(|sso| &sso.source);
    let gate = login.or(file).or(jwt).or(tokens).or(sso);
    if let (Some(insecure), Some(gate)) = (&draft.insecure_no_auth, gate) {
        return Err(SettingError::contradiction(insecure, gate));
    }
    if let (Some(login), Some(file)) = (login, file) {
        return Err(SettingError::contradiction(file, login));
    }
    Ok(())
}

/// The gate of a table of users.
pub(crate) fn basic_auth(users: impl PasswordVerifier) -> Result<BasicAuthLayer, ConfigError> {
    BasicAuthLayer::new(REALM, users)
}

fn missing_gate(draft: &MountDraft) -> SettingError {
    if draft.is_of_file() {
        let problem = "has no gate: add [mounts.basic], [mounts.tokens], [mounts.jwt] or [mounts.sso], \
                       or insecure_no_auth = true";
        return draft.path.wrong(problem);
    }
    SettingError::missing(
        "BASIC_AUTH is not set in the environment, nor HTPASSWD_FILE, TOKEN_FILE, REQUIRE, OIDC_ISSUER \
         or SSO_URL, and a bucket without a login is served only with --insecure-no-auth",
    )
}

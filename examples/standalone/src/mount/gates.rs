use super::document::MountDocument;
use crate::gates::{Access, Context, Gate, Gates, People, basic, jwt, sso, tokens};
use crate::given::{Problems, SettingError, Source};

/// Judges the ways to sign in. One that is wrong is never left out: the mount is refused.
pub(super) fn judge_gates(
    document: &MountDocument,
    mount: &Source,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<(Gates, Option<People>)> {
    problems.take(refuse_contradiction(document))?;
    let MountDocument {
        insecure_no_auth,
        basic,
        tokens,
        jwt,
        sso,
        ..
    } = document;
    // People come after tokens, since a browser adds its cookie to every request. Users come last, since
    // any password could be one of theirs.
    let ways = [
        tokens.as_ref().map(|it| problems.take(tokens::judge(it))),
        jwt.as_ref()
            .map(|it| jwt::judge(it, context.environment, problems)),
        sso.as_ref().map(|it| sso::judge(it, context, problems)),
        basic
            .as_ref()
            .map(|it| problems.take(basic::judge(it, context))),
    ];
    let ways: Vec<_> = ways.into_iter().flatten().collect::<Option<_>>()?;
    if ways.is_empty() && !insecure_no_auth.is_on() {
        problems.add(missing_gate(mount));
        return None;
    }
    let (mut methods, mut people) = (Vec::new(), None);
    let mut read = Gate::from(Access::InsecureNoAuth);
    for way in ways {
        methods.push(way.method);
        read.keys.extend(way.keys);
        read.metadata = read.metadata.or(way.metadata);
        read.token_in_path |= way.token_in_path;
        people = people.or(way.people);
    }
    if !methods.is_empty() {
        read.access = Access::AnyOf(methods);
    }
    Some((Gates { read }, people))
}

fn refuse_contradiction(document: &MountDocument) -> Result<(), SettingError> {
    let MountDocument {
        insecure_no_auth,
        basic,
        tokens,
        jwt,
        sso,
        ..
    } = document;
    let users = basic.as_ref();
    let gates = [
        users.map(|it| it.value.source().unwrap_or(&it.source)),
        jwt.as_ref().map(|it| &it.source),
        tokens.as_ref().map(|it| &it.source),
        sso.as_ref().map(|it| &it.source),
    ];
    match (&insecure_no_auth.on, gates.into_iter().flatten().next()) {
        (Some(insecure), Some(gate)) => Err(SettingError::contradiction(insecure, gate)),
        _ => Ok(()),
    }
}

fn missing_gate(mount: &Source) -> SettingError {
    if mount.is_file() {
        let problem = "has no gate: add [mounts.basic], [mounts.tokens], [mounts.jwt] or [mounts.sso], \
                       or insecure_no_auth = true";
        return SettingError::wrong(mount, problem);
    }
    SettingError::missing(
        "no gate: set BASIC_AUTH, HTPASSWD_FILE, TOKEN_FILE, REQUIRE, OIDC_ISSUER or SSO_URL in the \
         environment, or serve the bucket to everyone by --insecure-no-auth",
    )
}

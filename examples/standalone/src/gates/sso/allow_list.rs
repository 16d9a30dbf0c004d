use portcullis::ConfigError;
use portcullis::jwt::ClaimPath;
use portcullis::sso::AllowList;

use super::document::Document;
use crate::given::{Given, OneOrMore, SettingError};

/// The people who are admitted. There is no default.
pub(super) fn allow_list(given: &Given<Document>) -> Result<AllowList, SettingError> {
    let document = &given.value;
    match (
        &document.allow_everyone_signed_in.on,
        document.lists().next(),
    ) {
        (Some(_), None) => Ok(AllowList::everyone()),
        (Some(everyone), Some(list)) => Err(SettingError::contradiction(everyone, &list.source)),
        (None, Some(_)) => {
            refuse_lists_of_the_unknown(document)?;
            refuse_scopes_of_everyone(document)?;
            of_lists(document)
        }
        (None, None) => Err(given.wrong(
            "needs allowed_emails, allowed_domains, allowed_groups or allowed_scopes, or \
             allow_everyone_signed_in = true for every user of the provider",
        )),
    }
}

/// Without a `user_url`, a provider of plain OAuth 2.0 does not describe its users, so that a list would
/// admit nobody.
fn refuse_lists_of_the_unknown(document: &Document) -> Result<(), SettingError> {
    let is_unknown = document.issuer.is_none() && document.user_url.is_none();
    match document.lists_of_people().next() {
        Some(list) if is_unknown => {
            Err(list.wrong("needs user_url, where the provider describes the signed-in user"))
        }
        _ => Ok(()),
    }
}

/// The scopes of OpenID Connect, which every user of a provider can grant (OpenID Connect Core 1.0,
/// sections 5.4 and 11).
const OF_EVERYONE: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// Such scopes alone would admit everyone.
fn refuse_scopes_of_everyone(document: &Document) -> Result<(), SettingError> {
    let is_of_everyone = |scope: &String| OF_EVERYONE.contains(&&**scope);
    match &document.allowed_scopes {
        Some(given)
            if document.lists_of_people().next().is_none()
                && !given.value.is_empty()
                && given.value.iter().all(is_of_everyone) =>
        {
            Err(given.wrong(
                "every user of the provider has these scopes: name one that only some users get, add \
                 allowed_emails, allowed_domains or allowed_groups, or set allow_everyone_signed_in = true \
                 instead",
            ))
        }
        _ => Ok(()),
    }
}

fn of_lists(document: &Document) -> Result<AllowList, SettingError> {
    let mut list = AllowList::new();
    if let Some(given) = &document.allowed_emails {
        let emails = list.with_emails(&given.value);
        list = emails.map_err(|error| wrong(given, &error))?;
    }
    if let Some(given) = &document.allowed_domains {
        let domains = list.with_domains(&given.value);
        list = domains.map_err(|error| wrong(given, &error))?;
    }
    if let Some(unverified) = &document.insecure_unverified_emails.on {
        if document.allowed_emails.is_none() && document.allowed_domains.is_none() {
            let problem = "needs allowed_emails or allowed_domains";
            return Err(SettingError::wrong(unverified, problem));
        }
        list = list.with_insecure_unverified_emails();
    }
    if let Some(given) = &document.allowed_scopes {
        let scopes = list.with_scopes(&given.value);
        list = scopes.map_err(|error| wrong(given, &error))?;
    }
    match (&document.allowed_groups, &document.groups_claim) {
        (None, None) => Ok(list),
        (None, Some(claim)) => Err(claim.wrong("needs allowed_groups")),
        (Some(given), claim) => {
            let claim = groups_claim(claim.as_ref())?;
            let groups = list.with_groups(claim, &given.value);
            groups.map_err(|error| wrong(given, &error))
        }
    }
}

fn groups_claim(given: Option<&Given<OneOrMore>>) -> Result<ClaimPath, SettingError> {
    match given {
        Some(given) => {
            ClaimPath::new(given.value.as_slice()).map_err(|error| given.wrong(error.problem()))
        }
        None => Ok(ClaimPath::new(["groups"]).expect("the name of a claim is a path to it")),
    }
}

fn wrong(given: &Given<Vec<String>>, error: &ConfigError) -> SettingError {
    given.wrong(error.problem())
}

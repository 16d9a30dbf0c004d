use portcullis::ConfigError;
use portcullis::jwt::ClaimPath;
use portcullis::sso::AllowList;

use super::draft::{AllowedDraft, EndpointsDraft, ProviderDraft, SsoDraft};
use crate::settings::error::SettingError;
use crate::settings::given::Given;

/// Who of those that the provider knows is let in, which has to be said.
pub(super) fn allow_list(draft: &SsoDraft) -> Result<AllowList, SettingError> {
    let allowed = &draft.allowed;
    let mut lists = [
        &allowed.emails,
        &allowed.domains,
        &allowed.groups,
        &allowed.scopes,
    ]
    .into_iter()
    .flatten();
    match (&allowed.everyone, lists.next()) {
        (Some(_), None) => Ok(AllowList::everyone()),
        (Some(everyone), Some(list)) => Err(SettingError::contradiction(everyone, &list.source)),
        (None, Some(_)) => {
            refuse_lists_of_the_unknown(draft)?;
            of_lists(allowed)
        }
        (None, None) => Err(SettingError::wrong(
            &draft.source,
            "needs allowed_emails, allowed_domains, allowed_groups or allowed_scopes, or \
             allow_everyone_signed_in = true for all whom the provider knows",
        )),
    }
}

/// Without a `user_url` a plain OAuth 2.0 provider says nothing of people, and lists let in nobody.
fn refuse_lists_of_the_unknown(draft: &SsoDraft) -> Result<(), SettingError> {
    let ProviderDraft::Endpoints(EndpointsDraft { user: None, .. }) = &draft.provider else {
        return Ok(());
    };
    let AllowedDraft {
        emails,
        domains,
        groups,
        ..
    } = &draft.allowed;
    match [emails, domains, groups].into_iter().flatten().next() {
        Some(list) => Err(list.wrong("needs user_url, by which the provider tells of people")),
        None => Ok(()),
    }
}

fn of_lists(allowed: &AllowedDraft) -> Result<AllowList, SettingError> {
    let mut list = AllowList::new();
    if let Some(given) = &allowed.emails {
        let emails = list.with_emails(&given.value);
        list = emails.map_err(|error| wrong(given, &error))?;
    }
    if let Some(given) = &allowed.domains {
        let domains = list.with_domains(&given.value);
        list = domains.map_err(|error| wrong(given, &error))?;
    }
    if let Some(unverified) = &allowed.unverified {
        if allowed.emails.is_none() && allowed.domains.is_none() {
            let problem = "needs allowed_emails or allowed_domains beside it";
            return Err(SettingError::wrong(unverified, problem));
        }
        list = list.with_insecure_unverified_emails();
    }
    if let Some(given) = &allowed.scopes {
        let scopes = list.with_scopes(&given.value);
        list = scopes.map_err(|error| wrong(given, &error))?;
    }
    match (&allowed.groups, &allowed.groups_claim) {
        (None, None) => Ok(list),
        (None, Some(claim)) => Err(claim.wrong("needs allowed_groups beside it")),
        (Some(given), claim) => {
            let claim = groups_claim(claim.as_ref())?;
            let groups = list.with_groups(claim, &given.value);
            groups.map_err(|error| wrong(given, &error))
        }
    }
}

fn groups_claim(given: Option<&Given<Vec<String>>>) -> Result<ClaimPath, SettingError> {
    match given {
        Some(given) => ClaimPath::new(&given.value).map_err(|error| wrong(given, &error)),
        None => Ok(ClaimPath::new(["groups"]).expect("the name of a claim is a path to it")),
    }
}

fn wrong(given: &Given<Vec<String>>, error: &ConfigError) -> SettingError {
    given.wrong(error.problem())
}

use portcullis::client_address::TrustedProxies;
use portcullis::sso::PublicUrl;

use super::draft::SsoDraft;
use crate::settings::error::SettingError;

/// The site as browsers know it.
pub(super) struct Site {
    pub(super) url: PublicUrl,
    pub(super) proxies: Option<TrustedProxies>,
    /// Its URL without a path, as far as that is known before a request comes.
    pub(super) name: String,
}

/// By what is said of the site, or by what proxies say of it.
pub(super) fn site(draft: &SsoDraft, warnings: &mut Vec<String>) -> Result<Site, SettingError> {
    let proxies = draft.trusted_proxies.as_ref();
    let proxies = proxies.map(|given| {
        let proxies = TrustedProxies::new(&given.value);
        proxies.map_err(|error| given.wrong(error.problem()))
    });
    let proxies = proxies.transpose()?;
    let (url, name) = if let Some(given) = &draft.public_url {
        let url = match draft.insecure_http {
            None => PublicUrl::new(&given.value),
            Some(_) => PublicUrl::insecure_new_over_http(&given.value),
        };
        let url = url.map_err(|error| given.wrong(error.problem()))?;
        (url, given.value.trim_end_matches('/').to_owned())
    } else if let Some(proxies) = proxies.clone() {
        (PublicUrl::from_proxies(proxies), UNKNOWN.to_owned())
    } else if draft.is_streaming_proxy {
        warnings.push(String::from(
            "PUBLIC_URL is not set: the site is what Host and X-Forwarded-Proto say, whoever sends them",
        ));
        (PublicUrl::insecure_from_request(), UNKNOWN.to_owned())
    } else {
        let problem = "needs public_url, the URL that browsers reach this by, or trusted_proxies";
        return Err(SettingError::wrong(&draft.source, problem));
    };
    Ok(Site { url, proxies, name })
}

/// What stands where only requests tell the site.
const UNKNOWN: &str = "https://…";

use portcullis::client_address::TrustedProxies;
use portcullis::sso::PublicUrl;

use super::document::Document;
use crate::given::{Given, SettingError};

/// The site as browsers know it.
pub(super) struct Site {
    pub(super) url: PublicUrl,
    /// Its URL without a path, as far as it is known before a request.
    pub(super) name: String,
}

/// The site by its public URL, or by the headers of trusted proxies.
pub(super) fn site(
    given: &Given<Document>,
    proxies: Option<&TrustedProxies>,
    warnings: &mut Vec<String>,
) -> Result<Site, SettingError> {
    let document = &given.value;
    let (url, name) = if let Some(public) = &document.public_url {
        let url = match document.insecure_http.on {
            None => PublicUrl::new(&public.value),
            Some(_) => PublicUrl::insecure_new_over_http(&public.value),
        };
        let url = url.map_err(|error| public.wrong(error.problem()))?;
        (url, public.value.trim_end_matches('/').to_owned())
    } else if let Some(proxies) = proxies {
        (PublicUrl::from_proxies(proxies.clone()), UNKNOWN.to_owned())
    } else if document.is_streaming_proxy() {
        warnings.push(String::from(
            "PUBLIC_URL is not set: the site is taken from Host and X-Forwarded-Proto, which any client can set",
        ));
        (PublicUrl::insecure_from_request(), UNKNOWN.to_owned())
    } else {
        let problem = "needs public_url, the URL that browsers use, or trusted_proxies at the top of the file";
        return Err(given.wrong(problem));
    };
    Ok(Site { url, name })
}

/// Stands for a site that only requests name.
const UNKNOWN: &str = "https://…";

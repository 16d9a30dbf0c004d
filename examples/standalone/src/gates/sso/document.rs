use super::secrets::Secrets;
use crate::gates::people::Profile;
use crate::given::{Environment, Given, OneOrMore, SettingError, Switch, document};

document! {
    /// `[mounts.sso]`.
    pub(crate) struct Document {
        // The provider: an OpenID Connect issuer, or the URLs of plain OAuth 2.0. Beside an issuer, a URL
        // replaces that of its metadata.
        pub(super) issuer: Option<Given>,
        pub(super) metadata_url: Option<Given>,
        pub(super) authorize_url: Option<Given>,
        pub(super) token_url: Option<Given>,
        pub(super) user_url: Option<Given>,
        pub(super) jwks_url: Option<Given>,
        pub(super) recheck_seconds: Option<Given<i64>>,
        pub(super) client_id: Option<Given>,
        pub(super) client_secret_env: Option<Given>,
        pub(super) client_secret_file: Option<Given>,
        // How the secret is sent: `client_secret_basic` or `client_secret_post`.
        pub(super) token_endpoint_auth_method: Option<Given>,
        pub(super) scopes: Option<Given<Vec<String>>>,
        // Additional parameters of the authorization request, as name=value.
        pub(super) authorize_parameters: Vec<Given>,
        // Allows `http` beyond this machine for the provider and the public URL.
        pub(super) insecure_http: Switch,
        pub(super) public_url: Option<Given>,
        pub(super) cookie_secret_env: Option<Given>,
        pub(super) cookie_secret_file: Option<Given>,
        pub(super) previous_cookie_secrets_env: Option<Given<Vec<String>>>,
        pub(super) previous_cookie_secrets_file: Vec<Given>,
        pub(super) allowed_emails: Option<Given<Vec<String>>>,
        pub(super) allowed_domains: Option<Given<Vec<String>>>,
        pub(super) insecure_unverified_emails: Switch,
        pub(super) allowed_groups: Option<Given<Vec<String>>>,
        pub(super) groups_claim: Option<Given<OneOrMore>>,
        pub(super) allowed_scopes: Option<Given<Vec<String>>>,
        pub(super) allow_everyone_signed_in: Switch,
        pub(super) lifetime_seconds: Option<Given<i64>>,
        pub(super) idle_lifetime_seconds: Option<Given<i64>>,
        pub(super) max_redemptions: Option<Given<i64>>,
        pub(super) max_redemptions_per_network: Option<Given<i64>>,
        pub(super) recorded_sign_ins_per_network: Option<Given<i64>>,
        pub(super) same_site: Option<Given>,
        pub(super) redis_url_env: Option<Given>,
        pub(super) redis_url_file: Option<Given>,
        // The secrets, if they do not come from variables that the file names.
        #[serde(skip)]
        pub(super) secrets: Option<Secrets>,
        #[serde(skip)]
        pub(crate) profile: Profile,
        // The variables that this was read from.
        #[serde(skip)]
        pub(super) variables: Vec<&'static str>,
    }
}

impl Document {
    /// The secrets, read from the variables and the files that a file names.
    pub(super) fn secrets(
        given: &Given<Self>,
        environment: &Environment,
    ) -> Result<Secrets, SettingError> {
        let document = &given.value;
        if let Some(secrets) = &document.secrets {
            return Ok(secrets.clone());
        }
        let read = |variable: &Option<Given>, file: &Option<Given>| {
            environment.secret(variable.as_ref(), file.as_ref())
        };
        let cookie = read(&document.cookie_secret_env, &document.cookie_secret_file)?;
        let cookie =
            cookie.ok_or_else(|| given.wrong("needs cookie_secret_env or cookie_secret_file"))?;
        let previous = document.previous_cookie_secrets_env.iter().flat_map(each);
        let previous = previous.map(|variable| environment.secret(Some(&variable), None));
        let files = document.previous_cookie_secrets_file.iter();
        let previous = previous.chain(files.map(|file| environment.secret(None, Some(file))));
        Ok(Secrets {
            client: read(&document.client_secret_env, &document.client_secret_file)?,
            cookie,
            is_derived: false,
            previous_cookie: previous
                .filter_map(Result::transpose)
                .collect::<Result<_, _>>()?,
            redis_url: read(&document.redis_url_env, &document.redis_url_file)?,
        })
    }

    /// The files of secrets.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Given> {
        let one = [
            &self.client_secret_file,
            &self.cookie_secret_file,
            &self.redis_url_file,
        ];
        one.into_iter()
            .flatten()
            .chain(&self.previous_cookie_secrets_file)
    }

    /// Whether it is read from this variable.
    pub(crate) fn reads(&self, name: &str) -> bool {
        let one = [
            &self.client_secret_env,
            &self.cookie_secret_env,
            &self.redis_url_env,
        ];
        let one = one.into_iter().flatten().map(|given| &given.value);
        let more = self.previous_cookie_secrets_env.iter();
        let mut all = one.chain(more.flat_map(|given| &given.value));
        all.any(|it| it == name) || self.variables.contains(&name)
    }

    /// The lists of people, which need a provider that describes its users.
    pub(super) fn lists_of_people(&self) -> impl Iterator<Item = &Given<Vec<String>>> {
        let lists = [
            &self.allowed_emails,
            &self.allowed_domains,
            &self.allowed_groups,
        ];
        lists.into_iter().flatten()
    }

    /// The lists of people and the list of scopes.
    pub(super) fn lists(&self) -> impl Iterator<Item = &Given<Vec<String>>> {
        self.lists_of_people().chain(&self.allowed_scopes)
    }

    /// Whether there are neither lists nor the switch for everyone.
    pub(super) fn lets_nobody_in(&self) -> bool {
        !self.allow_everyone_signed_in.is_on() && self.lists().next().is_none()
    }

    pub(super) fn is_streaming_proxy(&self) -> bool {
        self.profile == Profile::StreamingProxy
    }
}

/// The entries of a list, each with the source of the list.
fn each(given: &Given<Vec<String>>) -> impl Iterator<Item = Given> {
    given.value.iter().map(|value| Given {
        value: value.clone(),
        source: given.source.clone(),
    })
}

#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of fields are the text of --help, where backticks would show"
)]

use clap::Args;
use portcullis::s3::{BucketClient, ContentTypes, HtmlPolicy};
use portcullis::{IndexRewriteLayer, S3Proxy};

use crate::given::{Finder, Given, SettingError, choice, document};

document! {
    /// `[mounts.s3]`.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct Document {
        /// Bucket to serve, or bucket/prefix [env: AWS_S3_BUCKET].
        #[arg(long, value_name = "BUCKET")]
        pub(crate) bucket: Option<Given>,
        /// Serve only the keys below this prefix [env: KEY_PREFIX].
        #[arg(long = "key-prefix", value_name = "PREFIX")]
        pub(crate) prefix: Option<Given>,
        /// Region of the bucket [env: AWS_DEFAULT_REGION, otherwise AWS_REGION].
        #[arg(long, value_name = "REGION")]
        pub(crate) region: Option<Given>,
        /// Store other than AWS, such as http://127.0.0.1:9000 [env: S3_ENDPOINT_URL].
        #[arg(long, value_name = "URL")]
        pub(crate) endpoint_url: Option<Given>,
        #[arg(skip)]
        pub(crate) addressing: Option<Given>,
        // The certificate authorities of the store, instead of those of the machine.
        #[arg(skip)]
        pub(crate) ca_file: Option<Given>,
        // The credentials, if they are not those of the process.
        #[arg(skip)]
        pub(super) access_key_id_env: Option<Given>,
        #[arg(skip)]
        pub(super) access_key_id_file: Option<Given>,
        #[arg(skip)]
        pub(super) secret_access_key_env: Option<Given>,
        #[arg(skip)]
        pub(super) secret_access_key_file: Option<Given>,
        #[arg(skip)]
        pub(super) session_token_env: Option<Given>,
        #[arg(skip)]
        pub(super) session_token_file: Option<Given>,
        #[arg(skip)]
        pub(super) profile: Option<Given>,
        #[arg(skip)]
        pub(super) role_arn: Option<Given>,
        #[arg(skip)]
        pub(crate) connect_seconds: Option<Given<i64>>,
        #[arg(skip)]
        pub(crate) first_byte_seconds: Option<Given<i64>>,
        #[arg(skip)]
        pub(crate) idle_seconds: Option<Given<i64>>,
        #[arg(skip)]
        pub(crate) index: Option<Given<bool>>,
        #[arg(skip)]
        pub(crate) folder_redirect: Option<Given<bool>>,
        #[arg(skip)]
        pub(crate) content_types: Option<Given>,
        #[arg(skip)]
        pub(crate) html: Option<Given>,
        #[arg(skip)]
        pub(crate) not_found: Option<Given>,
        #[arg(skip)]
        pub(crate) query_parameters: Option<Given<Vec<String>>>,
        #[arg(skip)]
        pub(crate) response_headers: Option<Given<Vec<String>>>,
        // A key of the bucket, below the prefix.
        #[arg(skip)]
        pub(crate) health_key: Option<Given>,
    }
}

impl Document {
    /// Fills it from the variables.
    pub(crate) fn read(&mut self, finder: &mut Finder<'_>) {
        refuse_old_names(finder);
        finder.fill(&mut self.bucket, "AWS_S3_BUCKET");
        finder.fill(&mut self.prefix, "KEY_PREFIX");
        self.read_endpoint(finder);
        finder.fill(&mut self.health_key, "AWS_S3_HEALTHCHECK_KEY");
        finder.fill_switch(&mut self.folder_redirect, "FOLDER_REDIRECT");
    }

    /// `S3_USE_LOCAL`, if set, decides whether `S3_ENDPOINT_URL` is used.
    fn read_endpoint(&mut self, finder: &mut Finder<'_>) {
        let mut switch = None;
        if self.endpoint_url.is_none() {
            switch = finder.variable("S3_USE_LOCAL");
        }
        let is_off = |switch: &Given| matches!(&*switch.value, "0" | "false" | "False");
        if switch.as_ref().is_some_and(is_off) {
            return;
        }
        finder.fill(&mut self.endpoint_url, "S3_ENDPOINT_URL");
        if let (Some(switch), None) = (switch, &self.endpoint_url) {
            let missing = switch.wrong("needs S3_ENDPOINT_URL, which is not set");
            finder.problems.add(missing);
        }
    }

    /// The rewrite of folders, if one is configured.
    pub(super) fn index(&self) -> Result<Option<IndexRewriteLayer>, SettingError> {
        let has_index = self.index.as_ref().is_none_or(|given| given.value);
        let redirect = self.folder_redirect.as_ref().filter(|given| given.value);
        let index = IndexRewriteLayer::new().with_folder_object();
        match (has_index, redirect) {
            (true, None) => Ok(Some(index)),
            (true, Some(_)) => Ok(Some(index.with_folder_redirect())),
            (false, None) => Ok(None),
            (false, Some(given)) => Err(given.wrong("needs index = true")),
        }
    }

    /// Whether it has credentials of its own.
    pub(crate) fn has_keys(&self) -> bool {
        let keys = [&self.access_key_id_env, &self.access_key_id_file];
        keys.into_iter().chain([&self.profile]).any(Option::is_some)
    }

    /// The files that it names.
    pub(crate) fn files(&self) -> Vec<&Given> {
        let files = [
            &self.ca_file,
            &self.access_key_id_file,
            &self.secret_access_key_file,
            &self.session_token_file,
        ];
        files.into_iter().flatten().collect()
    }

    /// Sets the timeouts of the client.
    pub(super) fn limit(&self, mut client: BucketClient) -> Result<BucketClient, SettingError> {
        if let Some(given) = &self.connect_seconds {
            client = client.with_connect_timeout(given.seconds()?);
        }
        if let Some(given) = &self.first_byte_seconds {
            client = client.with_first_byte_timeout(given.seconds()?);
        }
        if let Some(given) = &self.idle_seconds {
            client = client.with_idle_body_timeout(given.seconds()?);
        }
        Ok(client)
    }

    /// Sets the options of the proxy, which alone knows the values that are accepted.
    pub(super) fn apply(&self, mut proxy: S3Proxy) -> Result<S3Proxy, SettingError> {
        // s3pypi stores one type for all archives, which nobody wants.
        let packages = choice(
            self.content_types.as_ref(),
            ["packages", "stored"],
            [true, false],
        )?;
        if packages {
            proxy = proxy.with_content_types(ContentTypes::packages());
        }
        proxy = proxy.with_html_policy(choice(
            self.html.as_ref(),
            ["stored", "sandbox", "attachment"],
            [
                HtmlPolicy::AsStored,
                HtmlPolicy::Sandbox,
                HtmlPolicy::Attachment,
            ],
        )?);
        if let Some(given) = &self.not_found {
            let applied = proxy.with_not_found_document(&given.value);
            proxy = applied.map_err(|error| given.wrong(error.problem()))?;
        }
        if let Some(given) = &self.query_parameters {
            let applied = proxy.with_query_parameters(&given.value);
            proxy = applied.map_err(|error| given.wrong(error.problem()))?;
        }
        if let Some(given) = &self.response_headers {
            let applied = proxy.with_response_headers(&given.value);
            proxy = applied.map_err(|error| given.wrong(error.problem()))?;
        }
        Ok(proxy)
    }
}

/// Variables of an old version of another proxy. Their values are ambiguous: the path of the URL may be
/// a bucket and a prefix, or the bucket may be in the host.
fn refuse_old_names(finder: &mut Finder<'_>) {
    for (name, instead) in [
        (
            "AWS_S3_ENDPOINT",
            "AWS_S3_BUCKET=bucket/prefix and, for a store that is not AWS, S3_ENDPOINT_URL without a path",
        ),
        ("AWS_S3_REGION", "AWS_DEFAULT_REGION"),
    ] {
        if let Some(given) = finder.variable(name) {
            let problem = format!("is no longer supported: unset it and set {instead} instead");
            finder.problems.add(given.wrong(problem));
        }
    }
}

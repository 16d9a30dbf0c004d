use clap::{ArgAction, Args};

use crate::given::{Given, OneOrMore, Switch, document};

document! {
    /// `[mounts.jwt]`.
    pub(crate) struct Document {
        // All entries of the list, and any one of a nested list.
        pub(super) require: Option<Given<Vec<OneOrMore>>>,
        // The URL by which authorization servers know the mount.
        pub(crate) resource: Option<Given>,
        // The header with the token, in place of `Authorization`.
        pub(super) token_header: Option<Given>,
        pub(super) issuers: Vec<Given<Issuer>>,
    }
}

impl Document {
    /// The files with keys and secrets.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Given> {
        self.issuers.iter().flat_map(|issuer| {
            let Issuer {
                key_file,
                secret_file,
                jwks_bearer_file,
                ..
            } = &issuer.value;
            [key_file, secret_file, jwks_bearer_file]
                .into_iter()
                .flatten()
        })
    }
}

document! {
    /// `[[mounts.jwt.issuers]]`: an issuer of tokens.
    pub(crate) struct Issuer {
        pub(super) issuer: Option<Given>,
        pub(super) audience: Option<Given<OneOrMore>>,
        pub(super) insecure_any_audience: Switch,
        pub(super) jwks_url: Option<Given>,
        pub(super) insecure_http: Switch,
        pub(super) jwks_bearer_env: Option<Given>,
        pub(super) jwks_bearer_file: Option<Given>,
        pub(super) key_file: Option<Given>,
        pub(super) secret_env: Option<Given>,
        pub(super) secret_file: Option<Given>,
        pub(super) algorithms: Option<Given<Vec<String>>>,
        pub(super) profile: Option<Given>,
        pub(super) scope_claims: Option<Given<Vec<OneOrMore>>>,
        // A name, or the names of a path.
        pub(super) subject_claim: Option<Given<OneOrMore>>,
        pub(super) required_claims: Vec<Given<RequiredClaim>>,
        // The same of `REQUIRED_CLAIMS`.
        #[serde(skip)]
        pub(super) claims_of_variable: Option<Given>,
        pub(super) leeway_seconds: Option<Given<i64>>,
    }
}

document! {
    /// One of `required_claims`: the claim is one of these values, or begins with one of these.
    pub(crate) struct RequiredClaim {
        // A name, or the names of a path.
        pub(super) claim: Option<Given<OneOrMore>>,
        pub(super) equals: Option<Given<OneOrMore>>,
        pub(super) begins_with: Option<Given<OneOrMore>>,
    }
}

document! {
    /// The flags that go with the variables.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct Flags {
        /// Allows http for JWKSPATH, on any machine.
        #[arg(long, action = ArgAction::SetTrue)]
        pub(super) insecure_http_keys: Switch,
    }
}

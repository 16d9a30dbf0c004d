use portcullis::gate::{AnyOf, Authenticator, InsecureNoAuth};
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::{ConfigError, JwksKeys};

use super::people::People;

/// The realm of challenges, which browsers show in their prompt.
pub(super) const REALM: &str = "portcullis";

/// The gates of a mount.
pub(crate) struct Gates {
    /// The gate before requests that read.
    pub(crate) read: Gate,
}

/// Who is admitted, with the keys and documents of the ways to sign in.
pub(crate) struct Gate {
    pub(crate) access: Access,
    /// Keys of issuers, which are fetched at the start and refreshed.
    pub(crate) keys: Vec<JwksKeys>,
    /// The document that tells clients where to get a token.
    pub(crate) metadata: Option<ResourceMetadata>,
    /// Whether a token may be in the path: `/t/<token>/`.
    pub(crate) token_in_path: bool,
}

impl From<Access> for Gate {
    fn from(access: Access) -> Self {
        Self {
            access,
            keys: Vec::new(),
            metadata: None,
            token_in_path: false,
        }
    }
}

/// Who is admitted.
pub(crate) enum Access {
    /// Everyone who reaches the address.
    InsecureNoAuth,
    /// Clients that one of the methods admits.
    AnyOf(Vec<Method>),
}

/// One way to sign in.
pub(crate) struct SignIn {
    pub(crate) method: Method,
    pub(crate) keys: Vec<JwksKeys>,
    pub(crate) metadata: Option<ResourceMetadata>,
    pub(crate) people: Option<People>,
    pub(crate) token_in_path: bool,
}

impl From<Method> for SignIn {
    fn from(method: Method) -> Self {
        Self {
            method,
            keys: Vec::new(),
            metadata: None,
            people: None,
            token_in_path: false,
        }
    }
}

/// The method of a way to sign in.
pub(crate) struct Method {
    /// The clients that it admits, for `portcullis check`.
    who: String,
    authenticator: Box<dyn Authenticator>,
}

impl Method {
    pub(crate) fn new(who: impl Into<String>, authenticator: impl Authenticator) -> Self {
        Self {
            who: who.into(),
            authenticator: Box::new(authenticator),
        }
    }
}

impl Access {
    /// Whether there is no gate.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::InsecureNoAuth)
    }

    /// The clients that are admitted, for `portcullis check`.
    pub(crate) fn who(&self) -> String {
        match self {
            Self::InsecureNoAuth => String::from("everyone (insecure_no_auth)"),
            Self::AnyOf(methods) => {
                let who: Vec<_> = methods.iter().map(|method| &*method.who).collect();
                who.join(", ")
            }
        }
    }

    /// The method that the gate enforces.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there are no methods, since such a gate would admit nobody.
    pub(crate) fn into_method(self) -> Result<AnyOf, ConfigError> {
        match self {
            Self::InsecureNoAuth => AnyOf::new((InsecureNoAuth::new(),)),
            Self::AnyOf(methods) => {
                let methods: Vec<_> = methods.into_iter().map(|it| it.authenticator).collect();
                AnyOf::new(methods)
            }
        }
    }
}

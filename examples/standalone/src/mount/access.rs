use portcullis::ConfigError;
use portcullis::gate::{AnyOf, Authenticator, InsecureNoAuth};

/// Who may read a mount.
pub(crate) enum Access {
    /// Whoever reaches the address.
    InsecureEveryone,
    /// Whoever one of the methods admits.
    AnyOf(Vec<Method>),
}

/// A way to sign in.
pub(crate) struct Method {
    /// Whom it admits, in words.
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
        matches!(self, Self::InsecureEveryone)
    }

    /// In words, for `portcullis check`.
    pub(crate) fn who(&self) -> String {
        match self {
            Self::InsecureEveryone => String::from("everyone (insecure_no_auth)"),
            Self::AnyOf(methods) => {
                let who: Vec<_> = methods.iter().map(|method| &*method.who).collect();
                who.join(", ")
            }
        }
    }

    /// The one method that the gate enforces.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where there are no methods, since such a gate admits nobody.
    pub(crate) fn into_method(self) -> Result<AnyOf, ConfigError> {
        match self {
            Self::InsecureEveryone => AnyOf::new((InsecureNoAuth::new(),)),
            Self::AnyOf(methods) => {
                let methods: Vec<_> = methods.into_iter().map(|it| it.authenticator).collect();
                AnyOf::new(methods)
            }
        }
    }
}

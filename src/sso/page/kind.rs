use http::StatusCode;

/// The kind of a [`Page`](crate::sso::Page).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PageKind {
    /// 400: a parameter of a sign-in URL is missing or malformed.
    Malformed,
    /// 403: the sign-in was started too long ago or in another browser, or is already complete.
    Expired,
    /// 403: the provider sent the person back without a sign-in.
    Denied,
    /// 403: the provider's answer was rejected, or the session could not be kept.
    Failed,
    /// 403: the person is not on the [`AllowList`](crate::sso::AllowList).
    NotAllowed,
    /// 503: the provider or the session store is unavailable, or too many sign-ins are being completed.
    Unavailable,
    /// 200: asks whether to sign out.
    SignOut,
    /// 200: the person has signed out.
    SignedOut,
}

impl PageKind {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Expired | Self::Denied | Self::Failed | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignOut | Self::SignedOut => StatusCode::OK,
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Malformed => "This link is incomplete",
            Self::Expired => "This sign-in is no longer valid",
            Self::Denied => "You were not signed in",
            Self::Failed => "The sign-in failed",
            Self::NotAllowed => "You do not have access",
            Self::Unavailable => "Signing in is not possible right now",
            Self::SignOut => "Sign out?",
            Self::SignedOut => "You are signed out",
        }
    }

    /// What happened and what to do.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Malformed => {
                "The address that you opened is missing something that a sign-in needs. Please start \
                 again from the page that you want to see."
            }
            Self::Expired => {
                "It took too long, was started in another browser, or has already been used. Please try \
                 the original link again."
            }
            Self::Denied => {
                "The sign-in was cancelled, or the sign-in service refused it. If that was not what you \
                 wanted, please try again."
            }
            Self::Failed => {
                "The sign-in service gave an answer that this site cannot accept. Please try again. If \
                 it fails again, contact the people who run this site."
            }
            Self::NotAllowed => {
                "Your account does not have access to this site. If it should, ask the \
                 people who run this site."
            }
            Self::Unavailable => {
                "This site cannot reach a service that it needs for signing in. Please try again in a moment."
            }
            Self::SignOut => "You will have to sign in again to see this site.",
            Self::SignedOut => {
                "If others use this device, sign out of the sign-in service too, or close the browser."
            }
        }
    }

    /// The label of the one link or button.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Malformed => "Start again",
            Self::Expired | Self::Denied | Self::Failed | Self::NotAllowed | Self::Unavailable => {
                "Try again"
            }
            Self::SignOut => "Sign out",
            Self::SignedOut => "Sign in again",
        }
    }
}

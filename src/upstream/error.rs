use std::error::Error;
use std::fmt;

use hyper_util::client::legacy;

/// Why an exchange of [`HttpClient`](super::HttpClient) failed.
#[derive(Debug)]
pub struct HttpError {
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Request(legacy::Error),
    Body(hyper::Error),
}

impl HttpError {
    pub(super) fn request(error: legacy::Error) -> Self {
        Self {
            cause: Cause::Request(error),
        }
    }

    pub(super) fn body(error: hyper::Error) -> Self {
        Self {
            cause: Cause::Body(error),
        }
    }

    /// Whether no connection could be made, so that nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(&self.cause, Cause::Request(error) if error.is_connect())
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Request(error) => error.fmt(f),
            Cause::Body(error) => error.fmt(f),
        }
    }
}

impl Error for HttpError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Request(error) => error.source(),
            Cause::Body(error) => error.source(),
        }
    }
}

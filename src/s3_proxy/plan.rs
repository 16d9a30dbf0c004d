use http::Method;
use http::request::Parts;

use crate::gate::Identity;
use crate::path::{AlternatePath, KeyPrefix, ObjectKey, PathError};
use crate::s3::{ReadMethod, ReadRequest};
use crate::upstream::{conditionals, range_request};

/// What a request comes to, before S3 is asked.
#[derive(Debug)]
pub(super) enum Plan {
    /// The methods are named.
    Options,
    /// One object is read.
    Read(ReadPlan),
}

#[derive(Debug)]
pub(super) struct ReadPlan {
    pub(super) key: ObjectKey,
    /// Where else the object may be.
    pub(super) alternate: Option<ObjectKey>,
    pub(super) request: ReadRequest,
    /// Whether a gate has admitted somebody, so that the answer is theirs alone.
    pub(super) authorised: bool,
}

/// Why S3 is not asked.
#[derive(Debug)]
pub(super) enum Refused {
    Path(PathError),
    Method,
}

impl Plan {
    pub(super) fn of(head: &Parts, prefix: &KeyPrefix) -> Result<Self, Refused> {
        let method = match head.method {
            Method::GET => Some(ReadMethod::Get),
            Method::HEAD => Some(ReadMethod::Head),
            Method::OPTIONS => None,
            _ => return Err(Refused::Method),
        };
        let key = ObjectKey::from_path(head.uri.path(), prefix).map_err(Refused::Path)?;
        let Some(method) = method else {
            return Ok(Self::Options);
        };
        let alternate = head.extensions.get::<AlternatePath>();
        let alternate = alternate.and_then(|path| ObjectKey::from_path(path.as_str(), prefix).ok());
        Ok(Self::Read(ReadPlan {
            key,
            alternate,
            request: ReadRequest {
                method,
                conditionals: conditionals(&head.headers),
                range: range_request(&head.method, &head.headers),
            },
            authorised: head.extensions.get::<Identity>().is_some(),
        }))
    }
}

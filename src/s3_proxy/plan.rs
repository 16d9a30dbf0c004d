use http::Method;
use http::request::Parts;

use crate::gate::Identity;
use crate::path::{AlternatePath, KeyPrefix, ObjectKey, PathError, PathErrorKind};
use crate::s3::{ReadMethod, ReadRequest};
use crate::upstream::{
    Conditionals, MalformedQuery, MalformedTags, QueryParameters, RangeRequest, end_to_end,
    range_request,
};

/// What S3 is asked for a request.
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
pub(super) enum NotAsked {
    /// The methods are to be named: OPTIONS.
    Options,
    /// The method is none of them.
    Method,
    /// The path names no object.
    Path(PathError),
    /// A list of entity tags is none.
    Tags,
    /// A parameter that may pass is given twice, with a control character, or too long.
    Query,
}

impl ReadPlan {
    pub(super) fn of(
        head: &Parts,
        prefix: &KeyPrefix,
        parameters: &QueryParameters,
    ) -> Result<Self, NotAsked> {
        let key = ObjectKey::from_path(head.uri.path(), prefix);
        let method = match head.method {
            Method::GET => ReadMethod::Get,
            Method::HEAD => ReadMethod::Head,
            Method::OPTIONS => {
                return Err(match key {
                    Err(error) if error.kind() != PathErrorKind::NoKey => NotAsked::Path(error),
                    _ => NotAsked::Options,
                });
            }
            _ => return Err(NotAsked::Method),
        };
        let key = key.map_err(NotAsked::Path)?;
        let query = parameters
            .of(head.uri.query())
            .map_err(|MalformedQuery| NotAsked::Query)?;
        let alternate = head.extensions.get::<AlternatePath>();
        let headers = end_to_end(&head.headers);
        let conditionals = Conditionals::read(&headers).map_err(|MalformedTags| NotAsked::Tags)?;
        // A range counts after the preconditions (RFC 9110 section 13.2.2), and S3 would judge it before.
        let range = if conditionals.are_judged_here() {
            RangeRequest::Whole
        } else {
            range_request(&head.method, &headers)
        };
        Ok(Self {
            key,
            alternate: alternate.and_then(|path| ObjectKey::from_path(path.as_str(), prefix).ok()),
            request: ReadRequest {
                method,
                conditionals,
                range,
                query,
            },
            // A request that was let in anonymously has no identity, and its answer is anybody's.
            authorised: head.extensions.get::<Identity>().is_some(),
        })
    }
}

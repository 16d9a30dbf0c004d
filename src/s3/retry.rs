use std::error::Error;
use std::time::Duration;

use http::StatusCode;

use super::error::{S3Error, S3ErrorKind};
use crate::upstream::HttpError;

/// How often a request is sent again if S3 is overloaded or fails.
const MAX_BUSY: u32 = 2;
/// The longest pause before the first of these retries; it doubles for the second.
const PAUSE: Duration = Duration::from_millis(200);
/// If S3 asks for a longer wait, the request fails, and the client gets the `Retry-After`.
const LONGEST_WAIT_SECONDS: u32 = 1;

/// Counts the tries of one request. All may be sent again: a read changes nothing, and of a write it does not
/// matter which try has stored the bytes.
#[derive(Debug, Default)]
pub(super) struct Tries {
    lost: bool,
    busy: u32,
}

impl Tries {
    /// Whether a try got no answer, so that kept connections are not to be trusted.
    pub(super) fn has_lost(&self) -> bool {
        self.lost
    }

    /// Whether there was a try before the last one. It may have taken effect, whatever its answer was.
    #[cfg(feature = "s3-write")]
    pub(super) fn were_several(&self) -> bool {
        self.lost || self.busy > 0
    }

    /// How long to wait before the next try; `None` if the error is final.
    pub(super) fn again(&mut self, error: &S3Error) -> Option<Duration> {
        if is_lost(error) {
            // Once: S3 had most likely closed a kept connection.
            return (!std::mem::replace(&mut self.lost, true)).then_some(Duration::ZERO);
        }
        let waits_long = error
            .retry_after()
            .is_some_and(|seconds| seconds > LONGEST_WAIT_SECONDS);
        if !is_busy(error) || waits_long || self.busy == MAX_BUSY {
            return None;
        }
        let longest = PAUSE * 2_u32.pow(self.busy);
        self.busy += 1;
        let asked = error.retry_after().unwrap_or_default();
        // Random, so that many gateways do not retry at once.
        Some(Duration::from_secs(asked.into()) + longest.mul_f64(fastrand::f64()))
    }
}

/// Whether the request got no answer on an established connection.
fn is_lost(error: &S3Error) -> bool {
    let refused = error
        .source()
        .and_then(|source| source.downcast_ref::<HttpError>())
        .is_some_and(HttpError::is_connect);
    error.kind() == S3ErrorKind::Unreachable && !refused
}

/// Whether the failure may be temporary ("Error responses" in the Amazon S3 API reference). Two writes of one
/// key can be in each other's way, and a body can be too slow for S3.
fn is_busy(error: &S3Error) -> bool {
    let code = error.code();
    matches!(
        code,
        Some("ConditionalRequestConflict" | "OperationAborted" | "RequestTimeout")
    ) || matches!(
        error.status(),
        Some(
            StatusCode::INTERNAL_SERVER_ERROR
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
                | StatusCode::TOO_MANY_REQUESTS
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::error::Details;

    fn busy(retry_after: Option<u32>) -> S3Error {
        let details = Details {
            status: Some(StatusCode::SERVICE_UNAVAILABLE),
            retry_after,
            ..Details::default()
        };
        S3Error::new(S3ErrorKind::SlowDown, details)
    }

    #[test]
    fn the_pauses_grow_and_differ() {
        let pauses = |retry_after| {
            (0..1000).map(move |_| {
                let mut tries = Tries::default();
                let mut next = || tries.again(&busy(retry_after));
                (next().unwrap(), next().unwrap(), next())
            })
        };
        assert!(pauses(None).all(|(first, second, third)| {
            first <= PAUSE && second <= PAUSE * 2 && third.is_none()
        }));
        assert!(pauses(None).any(|(first, ..)| first > PAUSE / 2));
        assert!(pauses(None).any(|(_, second, _)| second > PAUSE));
        // The wait that S3 asks for comes first.
        let second = Duration::from_secs(1);
        assert!(pauses(Some(1)).all(|(first, ..)| first >= second && first <= second + PAUSE));
        assert_eq!(Tries::default().again(&busy(Some(2))), None);
    }

    #[test]
    fn lost_and_busy_tries_are_counted_apart() {
        let lost = S3Error::without_answer(S3ErrorKind::Unreachable, "reset");
        let mut tries = Tries::default();
        assert_eq!(tries.again(&lost), Some(Duration::ZERO));
        assert!(tries.again(&busy(None)).is_some());
        assert_eq!(tries.again(&lost), None);
        assert!(tries.again(&busy(None)).is_some());
    }
}

use std::time::Duration;

/// How long S3 took until its answer began, all tries and questions counted.
///
/// A part that asks S3 puts it into the extensions of its response, for outer layers to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpstreamTime(Duration);

impl UpstreamTime {
    pub(crate) fn new(took: Duration) -> Self {
        Self(took)
    }

    /// The time.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

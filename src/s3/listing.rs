use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::error::S3Error;

/// For how long it is believed what the credentials may do. A policy may change.
const BELIEVED: Duration = Duration::from_mins(5);

/// Whether the credentials may list the bucket, as far as it has been learnt.
///
/// S3 tells a missing object as `AccessDenied` to those who may not list (`GetObject` in the Amazon
/// S3 API reference, on permissions), so that only this tells what the answer means.
#[derive(Debug, Default)]
pub(super) struct ListPermission {
    // Held while S3 is asked, so that many who want to know ask once.
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    learnt: Option<(SystemTime, bool)>,
    /// When S3 was last asked in vain.
    failed: Option<(Instant, S3Error)>,
}

impl ListPermission {
    /// What is believed, or else what `asked` finds out. What it fails to find out is told to those
    /// who have waited for it, and not kept for others.
    pub(super) async fn learn(
        &self,
        now: SystemTime,
        asked: impl Future<Output = Result<bool, S3Error>>,
    ) -> Result<bool, S3Error> {
        let came = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((at, may_list)) = last.learnt
            && now.duration_since(at).is_ok_and(|age| age < BELIEVED)
        {
            return Ok(may_list);
        }
        // One after the other they would wait as many times for an S3 that hangs.
        if let Some((at, error)) = &last.failed
            && came < *at
        {
            return Err(error.clone());
        }
        let answer = asked.await;
        match &answer {
            Ok(may_list) => last.learnt = Some((now, *may_list)),
            Err(error) => last.failed = Some((Instant::now(), error.clone())),
        }
        answer
    }
}

use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

/// For how long it is believed what the credentials may do. A policy may change.
const BELIEVED: Duration = Duration::from_mins(5);

/// Whether the credentials may list the bucket, as far as it has been learnt.
///
/// S3 tells a missing object as `AccessDenied` to those who may not list (`GetObject` in the Amazon
/// S3 API reference, on permissions), so that only this tells what the answer means.
#[derive(Debug, Default)]
pub(super) struct ListPermission {
    // Held while S3 is asked, so that many who want to know ask once.
    learnt: Mutex<Option<(SystemTime, bool)>>,
}

impl ListPermission {
    /// What is believed, or else what `asked` finds out. What it fails to find out is not kept.
    pub(super) async fn learn<E>(
        &self,
        now: SystemTime,
        asked: impl Future<Output = Result<bool, E>>,
    ) -> Result<bool, E> {
        let mut learnt = self.learnt.lock().await;
        if let Some((at, may_list)) = *learnt
            && now.duration_since(at).is_ok_and(|age| age < BELIEVED)
        {
            return Ok(may_list);
        }
        let may_list = asked.await?;
        *learnt = Some((now, may_list));
        Ok(may_list)
    }
}

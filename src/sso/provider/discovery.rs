use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::error::{ProviderError, ProviderErrorKind};
use super::metadata::ProviderMetadata;
use super::urls::Urls;
use crate::clock::Clock;
use crate::jwt::jwks::MetadataOrigin;
use crate::refresh::{Answer, Lost, Refresh, Source};
use crate::upstream::FetchClient;

/// How long metadata is used before it is read again.
const REFRESH_AFTER: Duration = Duration::from_hours(1);
/// How long after a failure no other fetch starts.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) type Outcome = Result<Arc<ProviderMetadata>, ProviderError>;

/// The metadata of one issuer, read when it is asked for. A clone shares it.
#[derive(Clone)]
pub(super) struct Discovery {
    origin: MetadataOrigin,
    urls: Arc<Urls>,
    refresh: Refresh<Arc<ProviderMetadata>, ProviderError>,
}

struct Fetch<'a> {
    origin: &'a MetadataOrigin,
    urls: &'a Arc<Urls>,
    client: &'a Arc<dyn FetchClient>,
    clock: &'a dyn Clock,
    time_limit: Duration,
}

impl Discovery {
    pub(super) fn new(origin: MetadataOrigin, urls: Urls) -> Self {
        Self {
            origin,
            urls: Arc::new(urls),
            refresh: Refresh::default(),
        }
    }

    pub(super) fn origin(&self) -> &MetadataOrigin {
        &self.origin
    }

    pub(super) fn urls(&self) -> &Urls {
        &self.urls
    }

    pub(super) fn issuer(&self) -> &str {
        self.origin.issuer()
    }

    /// The metadata. While newer metadata cannot be fetched, the last is used.
    pub(super) async fn metadata(
        &self,
        client: &Arc<dyn FetchClient>,
        clock: &dyn Clock,
        time_limit: Duration,
    ) -> Outcome {
        let fetch = Fetch {
            origin: &self.origin,
            urls: &self.urls,
            client,
            clock,
            time_limit,
        };
        self.refresh.get(&fetch).await
    }
}

impl<'a> Source for Fetch<'a> {
    type Value = Arc<ProviderMetadata>;
    type Error = ProviderError;

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn ask(
        &self,
        _last: Option<&Arc<ProviderMetadata>>,
    ) -> impl Future<Output = Result<Answer<Self::Value>, ProviderError>> + Send + use<'a> + 'static
    {
        let (origin, client) = (self.origin.clone(), Arc::clone(self.client));
        let urls = Arc::clone(self.urls);
        async move {
            let metadata = origin.fetch(&*client).await?;
            Ok(Answer {
                value: Arc::new(ProviderMetadata::read(&metadata, &urls)?),
                refresh_after: REFRESH_AFTER,
                good_for: Duration::MAX,
            })
        }
    }

    fn time_limit(&self) -> Duration {
        self.time_limit
    }

    fn pause(&self, _good: Option<&Arc<ProviderMetadata>>) -> Duration {
        PAUSE
    }
}

impl From<Lost> for ProviderError {
    fn from(lost: Lost) -> Self {
        let problem = match lost {
            Lost::TimedOut => "the provider's metadata was not fetched in time",
            Lost::Panicked => "the fetch of the provider's metadata panicked",
        };
        Self::new(ProviderErrorKind::Unreachable, problem)
    }
}

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::key_set::KeySet;

/// Where the keys of an issuer come from.
///
/// A [`KeySet`] in an [`Arc`] is the simplest one: it never changes.
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// The keys at hand. It never waits. `None` where there are none that may be used now.
    fn keys(&self) -> Option<Arc<KeySet>>;

    /// Asked where the keys at hand (`seen`) lack the one that a token names, or where there are none.
    ///
    /// Tokens that nobody has signed get here as well, as many as somebody cares to send: it has to
    /// answer most of them without doing anything.
    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys;
}

/// Whether a [`KeySource`] has newer keys.
#[derive(Debug)]
#[non_exhaustive]
pub enum NewerKeys {
    /// There are none: the token is not good.
    None,
    /// Whether there are any cannot be told now: the request is answered with 503.
    Unavailable,
    /// They are to be had soon.
    Later(NewerKeysFuture),
}

impl NewerKeys {
    /// Keys to be had soon; `None` where they could not be had after all, which is answered with 503.
    #[must_use]
    pub fn later(keys: impl Future<Output = Option<Arc<KeySet>>> + Send + 'static) -> Self {
        Self::Later(NewerKeysFuture::new(keys))
    }
}

boxed_future! {
    /// Keys to come: see [`NewerKeys::later`].
    pub struct NewerKeysFuture: 'static -> Option<Arc<KeySet>>;
    pub fn new;
}

impl KeySource for Arc<KeySet> {
    fn keys(&self) -> Option<Arc<KeySet>> {
        Some(Self::clone(self))
    }

    fn newer_than(&self, _seen: Option<&KeySet>) -> NewerKeys {
        NewerKeys::None
    }
}

#[cfg(test)]
mod tests {
    use super::super::algorithm::Algorithm;
    use super::*;

    #[test]
    fn a_set_in_memory_is_always_at_hand_and_never_newer() {
        let set = Arc::new(KeySet::from_hmac_secret(Algorithm::Hs256, &[b'k'; 32]).unwrap());
        let source: Box<dyn KeySource> = Box::new(Arc::clone(&set));
        assert!(Arc::ptr_eq(&source.keys().unwrap(), &set));
        assert!(matches!(source.newer_than(Some(&set)), NewerKeys::None));
        assert!(matches!(source.newer_than(None), NewerKeys::None));
    }

    #[tokio::test]
    async fn keys_to_come_are_those_of_the_future() {
        let set = Arc::new(KeySet::from_hmac_secret(Algorithm::Hs256, &[b'k'; 32]).unwrap());
        for keys in [Some(set), None] {
            let expected = keys.clone();
            let NewerKeys::Later(later) = NewerKeys::later(async { keys }) else {
                panic!("it is to come");
            };
            assert_eq!(format!("{later:?}"), "NewerKeysFuture { .. }");
            let found = later.await;
            assert_eq!(found.is_some(), expected.is_some());
            assert_eq!(
                found.map(|it| it.generation()),
                expected.map(|it| it.generation())
            );
        }
    }
}

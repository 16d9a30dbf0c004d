use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::key_set::KeySet;

/// A source of the keys of an issuer.
///
/// A [`KeySet`] is the simplest one: it never changes.
pub trait KeySource: fmt::Debug + Send + Sync + 'static {
    /// The keys at hand, or `None` if there are none that may be used now. It never waits.
    fn keys(&self) -> Option<KeySet>;

    /// Newer keys than those at hand (`seen`), which lack the one that a token names, or are `None`.
    ///
    /// Forged tokens get here too, at any rate that a client likes to send them: most calls must be answered
    /// without any work.
    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys;
}

/// Whether a [`KeySource`] has newer keys.
#[derive(Debug)]
#[non_exhaustive]
pub enum NewerKeys {
    /// No: the token is not good.
    None,
    /// It is not known now: the request is answered with 503.
    Unavailable,
    /// They may come soon.
    Later(NewerKeysFuture),
}

impl NewerKeys {
    /// Keys that may come soon. If the future returns `None`, the request is answered with 503.
    #[must_use]
    pub fn later(keys: impl Future<Output = Option<KeySet>> + Send + 'static) -> Self {
        Self::Later(NewerKeysFuture::new(keys))
    }
}

boxed_future! {
    /// Keys to come: see [`NewerKeys::later`].
    pub struct NewerKeysFuture: 'static -> Option<KeySet>;
    pub fn new;
}

impl KeySource for KeySet {
    fn keys(&self) -> Option<KeySet> {
        Some(self.clone())
    }

    fn newer_than(&self, _seen: Option<&KeySet>) -> NewerKeys {
        NewerKeys::None
    }
}

impl<K: KeySource + ?Sized> KeySource for Arc<K> {
    fn keys(&self) -> Option<KeySet> {
        (**self).keys()
    }

    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys {
        (**self).newer_than(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::super::algorithm::Algorithm;
    use super::*;

    #[test]
    fn a_set_in_memory_is_never_newer() {
        let set = KeySet::from_hmac_secret(Algorithm::Hs256, &[b'k'; 32]).unwrap();
        let in_arc: Arc<dyn KeySource> = Arc::new(set.clone());
        for source in [&set as &dyn KeySource, &in_arc] {
            assert!(source.keys().unwrap().ptr_eq(&set));
            assert!(matches!(source.newer_than(Some(&set)), NewerKeys::None));
            assert!(matches!(source.newer_than(None), NewerKeys::None));
        }
    }

    #[tokio::test]
    async fn keys_to_come_are_those_of_the_future() {
        let set = KeySet::from_hmac_secret(Algorithm::Hs256, &[b'k'; 32]).unwrap();
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

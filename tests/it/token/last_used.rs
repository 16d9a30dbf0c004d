use std::sync::{Arc, Mutex};
use std::time::Duration;

use portcullis::token::{Lookup, TokenDigest, TokenRecord, TokenStore, Tokens};

use super::{LETTERS, ZEROS, at, judge};
use crate::support::clock::StandingClock;

/// Knows two tokens.
struct Two;

impl TokenStore for Two {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        let zeros = TokenRecord::new("zeros");
        let letters = TokenRecord::new("letters");
        let is = |token| *digest == TokenDigest::of(token);
        let record = is(ZEROS)
            .then_some(zeros)
            .or(is(LETTERS).then_some(letters));
        Lookup::Now(Ok(record))
    }
}

/// Knows every token as the same.
struct Always(TokenRecord);

impl TokenStore for Always {
    fn find(&self, _digest: &TokenDigest) -> Lookup {
        Lookup::Now(Ok(Some(self.0.clone())))
    }
}

#[tokio::test]
async fn the_observer_hears_of_each_token_once_in_an_interval() {
    let clock = StandingClock::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let tokens = Tokens::new(Two)
        .with_clock(clock.clone())
        .with_use_observer(Duration::from_mins(1), move |identity, now| {
            hear.lock()
                .unwrap()
                .push((identity.subject().to_owned(), now));
        });
    let unknown = "pcl-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz0knwuT";
    for (name, advance, set_back, token, expected) in [
        ("the first use", 0, 0, ZEROS, Some(("zeros", 1_000_000_000))),
        ("the next", 0, 0, ZEROS, None),
        (
            "another token",
            30,
            0,
            LETTERS,
            Some(("letters", 1_000_000_030)),
        ),
        ("a moment too early", 29, 0, ZEROS, None),
        ("what is not good", 0, 0, unknown, None),
        (
            "a minute later",
            1,
            0,
            ZEROS,
            Some(("zeros", 1_000_000_060)),
        ),
        ("the other's is not over", 29, 0, LETTERS, None),
        ("now it is", 1, 0, LETTERS, Some(("letters", 1_000_000_090))),
        (
            "after a long time",
            3600,
            0,
            LETTERS,
            Some(("letters", 1_000_003_690)),
        ),
        (
            "a clock set back",
            0,
            3000,
            LETTERS,
            Some(("letters", 1_000_000_690)),
        ),
        ("and going on", 59, 0, LETTERS, None),
    ] {
        clock.advance(Duration::from_secs(advance));
        clock.set_back(Duration::from_secs(set_back));
        assert_eq!(
            judge(&tokens, token).await.is_ok(),
            token != unknown,
            "{name}"
        );
        let heard: Vec<_> = heard.lock().unwrap().drain(..).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(subject, time)| ((*subject).to_owned(), at(*time)))
            .collect();
        assert_eq!(heard, expected, "{name}");
    }
}

#[tokio::test]
async fn the_observer_hears_of_no_token_that_is_refused() {
    let good = TokenRecord::new("ci");
    for (name, record, told) in [
        ("good", good.clone(), 1),
        ("revoked", good.clone().revoked(), 0),
        ("expired", good.with_expiry(at(1)), 0),
    ] {
        let heard = Arc::new(Mutex::new(0));
        let hear = Arc::clone(&heard);
        let tokens = Tokens::new(Always(record))
            .with_clock(StandingClock::new())
            .with_use_observer(Duration::ZERO, move |_, _| *hear.lock().unwrap() += 1);
        assert_eq!(judge(&tokens, ZEROS).await.is_ok(), told == 1, "{name}");
        assert_eq!(*heard.lock().unwrap(), told, "{name}");
    }
}

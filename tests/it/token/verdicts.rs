use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use portcullis::gate::{Decision, RefusalKind, TokenVerifier, Verdict};
use portcullis::token::{
    Lookup, TokenDigest, TokenFormat, TokenRecord, TokenStore, TokenStoreError, Tokens,
};

use super::{LETTERS, ZEROS, at, judge};
use crate::support::clock::StandingClock;

/// Knows one token, at once or later, and counts how often it is asked.
#[derive(Clone)]
struct Store {
    asked: Arc<AtomicUsize>,
    record: TokenRecord,
    later: bool,
}

impl Store {
    fn new(record: TokenRecord) -> Self {
        Self {
            asked: Arc::default(),
            record,
            later: false,
        }
    }
}

impl TokenStore for Store {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = Ok((*digest == TokenDigest::of(ZEROS)).then(|| self.record.clone()));
        if self.later {
            Lookup::later(async { found })
        } else {
            Lookup::Now(found)
        }
    }
}

#[tokio::test]
async fn the_record_in_the_store_decides() {
    let record = || TokenRecord::new("ci").with_scopes(["a", "b:c"]);
    let in_an_hour = at(1_000_003_600);
    for later in [false, true] {
        for (name, record, token, expected) in [
            ("known", record(), ZEROS, Ok(None)),
            (
                "with an expiry",
                record().with_expires_at(in_an_hour),
                ZEROS,
                Ok(Some(in_an_hour)),
            ),
            ("unknown", record(), LETTERS, Err("unknown token")),
            ("revoked", record().revoked(), ZEROS, Err("revoked token")),
            (
                "revoked and expired",
                record().revoked().with_expires_at(at(1)),
                ZEROS,
                Err("revoked token"),
            ),
            (
                "expired",
                record().with_expires_at(at(1)),
                ZEROS,
                Err("expired token"),
            ),
        ] {
            let store = Store {
                later,
                ..Store::new(record)
            };
            let tokens = Tokens::new(store).with_clock(StandingClock::new());
            match (judge(&tokens, token).await, expected) {
                (Ok(identity), Ok(expires_at)) => {
                    assert_eq!(identity.method(), "token", "{name}");
                    assert_eq!(identity.subject(), "ci", "{name}");
                    assert!(identity.scopes().eq(["a", "b:c"]), "{name}");
                    assert_eq!(identity.expires_at(), expires_at, "{name}");
                }
                (Err(refused), Err(why)) => assert_eq!(refused, (401, why.into()), "{name}"),
                (judged, _) => panic!("{name}: {judged:?}"),
            }
        }
    }
}

#[tokio::test]
async fn expiry_is_judged_at_every_request() {
    let clock = StandingClock::new();
    let record = TokenRecord::new("ci").with_expires_at(at(1_000_000_002));
    let tokens = Tokens::new(Store::new(record)).with_clock(clock.clone());
    for (name, step, good) in [
        ("two seconds before", 0, true),
        ("a second before", 1000, true),
        ("a moment before", 999, true),
        ("at the very moment", 1, false),
        ("a second after", 1000, false),
    ] {
        clock.advance(Duration::from_millis(step));
        assert_eq!(judge(&tokens, ZEROS).await.is_ok(), good, "{name}");
    }
}

#[test]
fn other_credentials_are_absent_without_a_look_up() {
    let store = Store::new(TokenRecord::new("ci"));
    let asked = Arc::clone(&store.asked);
    let tokens = Tokens::new(store);
    let acme = "acme-0123456789ABCDEFGHIJKLMNOPQRST1S0pTR";
    for token in [
        "",
        "s3cret",
        "e30.e30.e30",
        acme,
        &ZEROS[1..],
        &format!("{ZEROS}0"),
    ] {
        assert!(matches!(tokens.verify(token), Decision::Absent), "{token}");
    }
    let mistyped = ZEROS.replace("3IZ", "3lZ");
    assert!(matches!(tokens.verify(&mistyped), Decision::Absent));
    assert_eq!(asked.load(Ordering::Relaxed), 0);

    let format = TokenFormat::new("acme").unwrap();
    let tokens = tokens.with_format(format);
    assert!(
        matches!(tokens.verify(ZEROS), Decision::Absent),
        "of the format before"
    );
    let unknown = tokens.verify(acme);
    assert!(matches!(unknown, Decision::Now(Verdict::Refuse(_))));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_store_that_fails_admits_nobody() {
    struct Broken(bool);
    impl TokenStore for Broken {
        fn find(&self, _: &TokenDigest) -> Lookup {
            let error = Err(TokenStoreError::new("the database is away"));
            if self.0 {
                Lookup::later(async { error })
            } else {
                Lookup::Now(error)
            }
        }
    }
    for later in [false, true] {
        let tokens = Tokens::new(Arc::new(Broken(later)));
        let verdict = match tokens.verify(ZEROS) {
            Decision::Now(verdict) => verdict,
            Decision::Later(verdict) => verdict.await,
            other => panic!("{other:?}"),
        };
        let Verdict::Refuse(refusal) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(refusal.kind(), RefusalKind::Unavailable);
        let failed = refusal.reason().source().unwrap();
        assert_eq!(failed.to_string(), "the token store failed");
        assert_eq!(failed.source().unwrap().to_string(), "the database is away");
        assert!(
            matches!(tokens.verify("s3cret"), Decision::Absent),
            "it is not asked"
        );
    }
}

//! Keys of a file, which is read again when it changes.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portcullis::gate::{Decision, TokenVerifier};
use portcullis::jwt::{
    Algorithm, JwtVerifier, KeyFile, KeyFileError, KeySet, KeySource, TrustedIssuer,
};

use super::Said;
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;
use crate::support::issuer::{AUDIENCE, ISSUER, Issuer, NOW, claims, issuer};

const SECOND: Duration = Duration::from_secs(1);

/// The Ed25519 keys of these issuers.
fn pem(issuers: &[&Issuer]) -> String {
    let block = |issuer: &&Issuer| {
        let jwk = issuer.jwk(Algorithm::EdDsa);
        let x = jwk["x"].as_str().unwrap();
        let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(x);
        // RFC 8410 section 4.
        let der = [
            &b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"[..],
            &x.unwrap(),
        ]
        .concat();
        let text = STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    };
    issuers.iter().map(block).collect()
}

/// What the observer receives: the number of keys, or the error.
type Told = Result<usize, String>;

fn watched(file: &TestFile) -> (JwtVerifier, StandingClock, Receiver<Told>) {
    let clock = StandingClock::at(NOW);
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let keys = KeyFile::open(&file.path)
        .unwrap()
        .with_clock(clock.clone())
        .with_reload_observer(move |read| {
            let read = read.map(KeySet::len).map_err(ToString::to_string);
            // An error says that the test is over.
            let _: Result<(), _> = tell.lock().unwrap().send(read);
        });
    let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], keys).unwrap();
    let verifier = JwtVerifier::new([trusted]).unwrap();
    (verifier.with_clock(clock.clone()), clock, told)
}

async fn said(verifier: &JwtVerifier, token: &str) -> Said {
    match verifier.verify(token) {
        Decision::Absent => Said::Absent,
        Decision::Now(verdict) => Said::of(verdict),
        Decision::Later(verdict) => Said::of(verdict.await),
        decision => panic!("{decision:?}"),
    }
}

#[tokio::test]
async fn the_first_token_after_a_second_reloads() {
    let (other, third) = (Issuer::new(), Issuer::new());
    let [ours, new] = [issuer(), &other].map(|it| it.token(Algorithm::EdDsa, &claims()));
    let file = TestFile::new("keys", pem(&[issuer(), &third]));
    let (verifier, clock, told) = watched(&file);
    let wrong = || Said::invalid("the signature is wrong");
    // The first look at the file comes with the first token.
    assert_eq!(said(&verifier, &ours).await, Said::Admitted);
    assert_eq!(said(&verifier, &new).await, wrong());

    file.replace(pem(&[&other]));
    clock.advance(Duration::from_millis(999));
    assert_eq!(said(&verifier, &new).await, wrong(), "it is not due yet");
    clock.advance(Duration::from_millis(1));
    let first = verifier.verify(&new);
    let Decision::Later(first) = first else {
        panic!("it waits for the file");
    };
    let meanwhile = verifier.verify(&ours);
    assert!(matches!(meanwhile, Decision::Now(_)), "others go on");
    assert_eq!(Said::of(first.await), Said::Admitted);
    assert_eq!(told.recv_timeout(60 * SECOND), Ok(Ok(1)));
    assert_eq!(said(&verifier, &ours).await, wrong(), "its key is gone");

    clock.advance(SECOND);
    assert_eq!(said(&verifier, &new).await, Said::Admitted);
    assert!(told.try_recv().is_err(), "the file is as it was");
}

#[tokio::test]
async fn a_bad_file_keeps_the_keys() {
    let token = issuer().token(Algorithm::EdDsa, &claims());
    let neither = "the file is neither public keys as PEM nor a JSON Web Key Set";
    let file = TestFile::new("keys", issuer().jwks());
    let (verifier, clock, told) = watched(&file);
    assert_eq!(said(&verifier, &token).await, Said::Admitted);
    for (name, contents, read, admitted) in [
        ("nothing", Some(String::new()), Err(neither), true),
        (
            "half a set",
            Some("{\"keys\":[".to_owned()),
            Err(neither),
            true,
        ),
        ("no file", None, Err("the file cannot be read"), true),
        ("another form", Some(pem(&[issuer()])), Ok(1), true),
        (
            "an empty set",
            Some("{\"keys\":[]}".to_owned()),
            Ok(0),
            false,
        ),
        (
            "white space before it",
            Some(format!(" \n{}", issuer().jwks())),
            Ok(3),
            true,
        ),
    ] {
        match contents {
            Some(contents) => file.replace(contents),
            None => file.remove(),
        }
        clock.advance(SECOND);
        let is_admitted = said(&verifier, &token).await == Said::Admitted;
        assert_eq!(is_admitted, admitted, "{name}");
        let read = read.map_err(str::to_owned);
        assert_eq!(told.recv_timeout(60 * SECOND), Ok(read), "{name}");
    }
}

#[test]
fn a_file_is_refused_for_what_it_is() {
    let missing = KeyFile::open("/nonexistent/keys").unwrap_err();
    assert!(
        matches!(missing, KeyFileError::Unreadable(_)),
        "{missing:?}"
    );
    let file = TestFile::new("keys", "a password");
    let bad = KeyFile::open(&file.path).unwrap_err();
    assert!(matches!(bad, KeyFileError::Bad(_)), "{bad:?}");
    let file = TestFile::new("keys", pem(&[issuer()]));
    let good = KeyFile::open(&file.path)
        .unwrap()
        .with_clock(StandingClock::at(NOW));
    assert_eq!(good.current().len(), 1);
    let debug = format!("{good:?}");
    assert!(
        debug.ends_with("keys: KeySet { keys: 1, left_out: 0, .. }, .. }"),
        "{debug}"
    );
    assert!(good.keys().is_none(), "the first look is due");
}

//! Tokens and verdicts.

mod cache;
mod claims;
mod forms;
mod headers;
mod issuers;
mod key_file;
mod keys;
mod kinds;
mod required_claims;
mod scopes;

use http::request::Parts;
use portcullis::gate::{
    Authenticator, Carrier, Decision, GateLayer, Identity, Presented, Refusal, RefusalKind,
    TokenVerifier, Verdict,
};
use portcullis::jwt::{Algorithm, JwtVerifier};
use serde_json::Value;

use crate::support::clock::StandingClock;
use crate::support::issuer::{NOW, issuer};
use crate::support::{get, through};

/// The verdict of a verifier on a token.
#[derive(Debug, PartialEq)]
enum Said {
    Admitted,
    /// 401, and why.
    Invalid(String),
    /// 503.
    Unavailable,
    Absent,
}

impl Said {
    fn invalid(reason: &str) -> Self {
        Self::Invalid(reason.to_owned())
    }

    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Admit(_) => Self::Admitted,
            Verdict::Refuse(refusal) => match refusal.kind() {
                RefusalKind::Invalid => Self::Invalid(refusal.reason().to_string()),
                RefusalKind::Unavailable => Self::Unavailable,
                kind => panic!("{kind:?}"),
            },
            verdict => panic!("{verdict:?}"),
        }
    }

    /// The verdict that comes at once.
    fn at_once(verifier: &JwtVerifier, token: &str) -> Self {
        match verifier.verify(token) {
            Decision::Absent => Self::Absent,
            Decision::Now(verdict) => Self::of(verdict),
            decision => panic!("{decision:?}"),
        }
    }
}

/// A row of a table: a good token is admitted, another is refused for this reason. One that ends in `…` is the
/// beginning of the reason, which goes on with the values that differ.
fn check(name: &str, verifier: &JwtVerifier, token: &str, refused: Option<&str>) {
    let mut said = Said::at_once(verifier, token);
    if let (Said::Invalid(reason), Some(begin)) = (&mut said, refused)
        && let Some(begin) = begin.strip_suffix('…')
        && reason.starts_with(begin)
    {
        reason.truncate(begin.len());
        reason.push('…');
    }
    let expected = refused.map_or(Said::Admitted, Said::invalid);
    assert_eq!(said, expected, "{name}");
}

/// A verifier that trusts the tests' issuer, and stands still.
fn verifier() -> JwtVerifier {
    issuer().verifier().with_clock(StandingClock::at(NOW))
}

fn es256(claims: &Value) -> String {
    issuer().token(Algorithm::Es256, claims)
}

/// A gate for bearer tokens, to look at an admission.
#[derive(Clone, Debug)]
struct Bearer(JwtVerifier);

impl Authenticator for Bearer {
    fn authenticate(&self, head: &Parts) -> Decision {
        match Carrier::bearer().find(head) {
            Presented::Given(token) => self.0.verify(token.as_str()),
            _ => Decision::Absent,
        }
    }

    fn challenge(&self, _: &Parts, _: &mut Refusal) {}

    fn strip(&self, head: &mut Parts) {
        Carrier::bearer().strip(head);
    }
}

async fn identity(verifier: &JwtVerifier, token: &str) -> Identity {
    let field = format!("Bearer {token}");
    let request = get("/", &[("authorization", &field)]);
    let answer = through(&GateLayer::new(Bearer(verifier.clone())), request).await;
    answer
        .seen()
        .extensions
        .get()
        .cloned()
        .expect("an identity")
}

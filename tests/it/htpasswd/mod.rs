//! htpasswd files: formats, errors, checks and reloading.

mod checks;
mod fairness;
mod formats;
mod groups;
mod lines;
mod reload;

use std::time::Duration;

use portcullis::client_address::ClientNetwork;
use portcullis::gate::{Decision, PasswordVerifier, Verdict};
use portcullis::htpasswd::HtpasswdUsers;

/// `s3cret`, by `htpasswd -nbs` and `htpasswd -nbm`.
const SHA: &str = "{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=";
const APR1: &str = "$apr1$HA1A/61E$oRSVVg9tNICs6Rxv1Zklh0";

/// No part of the verdict depends on the network.
const UNKNOWN: ClientNetwork = ClientNetwork::UNKNOWN;

async fn verdict(decision: Decision) -> Verdict {
    match decision {
        Decision::Now(verdict) => verdict,
        Decision::Later(verdict) => tokio::time::timeout(Duration::from_mins(1), verdict)
            .await
            .expect("the verdict is overdue"),
        other => panic!("{other:?}"),
    }
}

async fn admits(users: &HtpasswdUsers, user: &str, password: &str) -> bool {
    match verdict(users.verify(user, password, UNKNOWN)).await {
        Verdict::Admit(_) => true,
        Verdict::Refuse(refusal) if refusal.status() == 401 => false,
        other => panic!("{other:?}"),
    }
}

/// Whether it is known without a check that this is right.
fn remembers(users: &HtpasswdUsers, user: &str, password: &str) -> bool {
    matches!(
        users.verify(user, password, UNKNOWN),
        Decision::Now(Verdict::Admit(_))
    )
}

//! Tokens: their format, the file, and what they are worth.

mod document;
mod file;
mod format;
mod reload;
mod salted;
mod verdicts;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis::TokenAuthLayer;
use portcullis::gate::{Identity, RefusalReason, TokenVerifier};

use crate::support::{get, through};

/// Two tokens and the SHA-256 of each. The checksums and digests of these tests are by Python's zlib
/// and hashlib.
const ZEROS: &str = "pcl-0000000000000000000000000000003IZszq";
const ZEROS_SHA256: &str = "8f87c3faaa57ffb6c57e47d8319064de4aa7aa7ee8b0ceffe7f8217171925f61";
const LETTERS: &str = "pcl-UVWXYZabcdefghijklmnopqrstuvwx1MvXe9";
const LETTERS_SHA256: &str = "0f70537d2cad69cff2c3a49b1148bebb3fb80e6482ebfde1fc76b4bdbc3ce8ca";

/// The standing clock begins at 1000000000, which is `2001-09-09T01:46:40Z`.
fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Who is admitted with the token, or the status and why.
async fn judge(
    tokens: &(impl TokenVerifier + Clone),
    token: &str,
) -> Result<Identity, (u16, String)> {
    let layer = TokenAuthLayer::new("packages", tokens.clone()).unwrap();
    let bearer = format!("Bearer {token}");
    let answer = through(&layer, get("/", &[("authorization", &bearer)])).await;
    if answer.passed() {
        let identity = answer.seen().extensions.get::<Identity>();
        return Ok(identity.expect("a token has somebody").clone());
    }
    let reason = answer.extensions.get::<RefusalReason>().unwrap();
    Err((answer.status.as_u16(), reason.to_string()))
}

async fn admits(tokens: &(impl TokenVerifier + Clone), token: &str) -> bool {
    match judge(tokens, token).await {
        Ok(_) => true,
        Err((401, _)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

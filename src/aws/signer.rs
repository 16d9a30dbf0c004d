use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use aws_sigv4::sign::v4::generate_signing_key;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use sha2::{Digest, Sha256};

use super::canonical_request::CanonicalRequest;
use super::credentials::Credentials;
use super::error::SignError;
use super::region::Region;
use super::text::{amz_date, hex};
use crate::path::encode_component_into;
use crate::secret::Secret;

const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The SHA-256 of no bytes.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SECONDS_OF_A_DAY: u64 = 24 * 60 * 60;
/// The longest that S3 accepts a URL.
const MAX_EXPIRY_SECONDS: u64 = 7 * SECONDS_OF_A_DAY;

/// What a signature says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// The body is empty.
    Empty,
    /// The body has this SHA-256.
    Sha256([u8; 32]),
    /// The body is not signed: TLS alone protects it.
    Unsigned,
}

impl Payload {
    /// A body of these bytes, which are hashed.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::Sha256(Sha256::digest(bytes).into())
    }

    fn hash(self) -> HeaderValue {
        match self {
            Self::Empty => HeaderValue::from_static(EMPTY_SHA256),
            Self::Sha256(digest) => {
                HeaderValue::from_bytes(&hex(&digest)).expect("a header can carry digits")
            }
            Self::Unsigned => HeaderValue::from_static("UNSIGNED-PAYLOAD"),
        }
    }
}

/// Signs requests for S3 in one region.
///
/// See the [module docs](crate::aws) for what is signed.
pub struct Signer {
    region: Region,
    service: &'static str,
    day_key: ArcSwapOption<DayKey>,
}

/// The signing key of one access key on one day.
struct DayKey {
    credentials: Credentials,
    day: u64,
    /// `20150830/us-east-1/s3/aws4_request`
    scope: String,
    /// Keyed already; wiped when dropped.
    mac: Hmac<Sha256>,
}

impl DayKey {
    /// The signature as digits.
    fn signature(&self, canonical: &CanonicalRequest, date: &str) -> [u8; 64] {
        let mut to_sign = self.mac.clone();
        for part in ["AWS4-HMAC-SHA256\n", date, "\n", &self.scope, "\n"] {
            to_sign.update(part.as_bytes());
        }
        to_sign.update(&hex(&Sha256::digest(canonical.as_bytes()).into()));
        hex(&to_sign.finalize().into_bytes().into())
    }
}

/// The time since 1970, and the same as a date.
fn date_of(now: SystemTime) -> Result<(Duration, String), SignError> {
    let since_epoch = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_err(|_| SignError::new("the time is before 1970"))?;
    Ok((since_epoch, amz_date(since_epoch)?))
}

impl Signer {
    /// A signer for S3 in `region`.
    #[must_use]
    pub fn for_s3(region: Region) -> Self {
        Self {
            region,
            service: "s3",
            day_key: ArcSwapOption::empty(),
        }
    }

    /// Adds `Host`, `X-Amz-Date`, `X-Amz-Content-Sha256`, `X-Amz-Security-Token` (for temporary
    /// credentials) and `Authorization` to a request that is otherwise complete.
    ///
    /// # Errors
    ///
    /// Returns [`SignError`] if the target has no host, if a header is not UTF-8, and if the time is not
    /// in the years 1970 to 9999.
    pub fn sign(
        &self,
        head: &mut Parts,
        payload: Payload,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<(), SignError> {
        let (since_epoch, date) = date_of(now)?;
        let date_header = HeaderValue::from_str(&date)
            .map_err(|_| SignError::new("the time is not one that a header can carry"))?;
        head.headers.insert(HOST, host(&head.uri)?);
        head.headers.insert(X_AMZ_DATE, date_header);
        let payload_hash = payload.hash();
        head.headers
            .insert(X_AMZ_CONTENT_SHA256, payload_hash.clone());
        // S3 requires the token to be signed. One from an earlier signature must not stay.
        match credentials.session_token() {
            Some(token) => head.headers.insert(X_AMZ_SECURITY_TOKEN, token.clone()),
            None => head.headers.remove(X_AMZ_SECURITY_TOKEN),
        };

        let canonical = CanonicalRequest::new(head, &payload_hash)?;
        let day_key = self.day_key(credentials, since_epoch.as_secs() / SECONDS_OF_A_DAY, &date);
        let signature = day_key.signature(&canonical, &date);
        let authorization = [
            b"AWS4-HMAC-SHA256 Credential=",
            credentials.access_key_id().as_bytes(),
            b"/",
            day_key.scope.as_bytes(),
            b", SignedHeaders=",
            canonical.signed_headers().as_bytes(),
            b", Signature=",
            &signature,
        ]
        .concat();
        let mut authorization =
            HeaderValue::from_maybe_shared(bytes::Bytes::from(authorization))
                .map_err(|_| SignError::new("the signature is not one that a header can carry"))?;
        // `Debug` does not show a sensitive header, and HTTP/2 does not index it.
        authorization.set_sensitive(true);
        head.headers.insert(AUTHORIZATION, authorization);
        Ok(())
    }

    /// The URL by which anybody can send a request without headers until it expires, such as a GET
    /// ("Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference). It is a credential:
    /// nobody else should see it. `expires` counts in whole seconds, at most seven days, and the URL ends with
    /// temporary credentials too.
    ///
    /// # Errors
    ///
    /// Returns [`SignError`] if the target has no host, if `expires` is out of this range, and if the time is
    /// not in the years 1970 to 9999.
    pub fn presign(
        &self,
        method: Method,
        uri: &Uri,
        expires: Duration,
        credentials: &Credentials,
        now: SystemTime,
    ) -> Result<Secret, SignError> {
        let seconds = expires.as_secs();
        if !(1..=MAX_EXPIRY_SECONDS).contains(&seconds) {
            return Err(SignError::new("a URL expires within seven days"));
        }
        let (since_epoch, date) = date_of(now)?;
        let day_key = self.day_key(credentials, since_epoch.as_secs() / SECONDS_OF_A_DAY, &date);
        let mut query = uri
            .query()
            .map_or_else(String::new, |query| format!("{query}&"));
        query.push_str("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
        let scope = format!("{}/{}", credentials.access_key_id(), day_key.scope);
        encode_component_into(&mut query, scope.as_bytes());
        for part in [
            "&X-Amz-Date=",
            &date,
            "&X-Amz-Expires=",
            &seconds.to_string(),
        ] {
            query.push_str(part);
        }
        if let Some(token) = credentials.session_token() {
            query.push_str("&X-Amz-Security-Token=");
            encode_component_into(&mut query, token.as_bytes());
        }
        query.push_str("&X-Amz-SignedHeaders=host");
        let target = format!("{}?{query}", uri.path());
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = method;
        head.uri = target
            .parse()
            .map_err(|_| SignError::new("the URL is too long"))?;
        head.headers.insert(HOST, host(uri)?);
        let canonical = CanonicalRequest::new(&head, &Payload::Unsigned.hash())?;
        let signature = day_key.signature(&canonical, &date);
        let (scheme, authority) = (uri.scheme_str().unwrap_or("https"), uri.authority());
        let authority = authority.map_or("", |authority| authority.as_str());
        let signature = String::from_utf8_lossy(&signature);
        Ok(Secret::from(format!(
            "{scheme}://{authority}{target}&X-Amz-Signature={signature}"
        )))
    }

    fn day_key(&self, credentials: &Credentials, day: u64, date: &str) -> Arc<DayKey> {
        if let Some(kept) = &*self.day_key.load()
            && kept.day == day
            && kept.credentials.is_clone_of(credentials)
        {
            return Arc::clone(kept);
        }
        let secret = credentials.secret_access_key().expose();
        let midnight = SystemTime::UNIX_EPOCH + Duration::from_secs(day * SECONDS_OF_A_DAY);
        let derived = generate_signing_key(secret, midnight, self.region.as_str(), self.service);
        let mac = Hmac::new_from_slice(derived.as_ref()).expect("HMAC takes keys of any length");
        let scope = format!(
            "{}/{}/{}/aws4_request",
            &date[..8],
            self.region,
            self.service
        );
        let fresh = Arc::new(DayKey {
            credentials: credentials.clone(),
            day,
            scope,
            mac,
        });
        // Two threads may both derive it at midnight; either result can be kept.
        self.day_key.store(Some(Arc::clone(&fresh)));
        fresh
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("region", &self.region.as_str())
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// The `Host` field for a target. HTTP clients leave out a default port, so it is left out here.
fn host(uri: &Uri) -> Result<HeaderValue, SignError> {
    let no_host = || SignError::new("the request has no host");
    let authority = uri.authority().ok_or_else(no_host)?;
    let default_port = if uri.scheme() == Some(&Scheme::HTTPS) {
        443
    } else {
        80
    };
    let host = match authority.port_u16() {
        Some(port) if port != default_port => format!("{}:{port}", authority.host()),
        _ => authority.host().to_owned(),
    };
    HeaderValue::try_from(host).map_err(|_| no_host())
}

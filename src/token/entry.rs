use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::digest::TokenDigest;
use super::error::TokenFileErrorKind as Kind;
use super::new_token::NewToken;
use super::record::TokenRecord;
use crate::gate::ScopePolicy;

/// The entry of a token in the file.
#[derive(Clone, Debug)]
pub struct TokenEntry {
    id: String,
    digest: TokenDigest,
    created: OffsetDateTime,
    expires: Option<OffsetDateTime>,
    revoked: Option<OffsetDateTime>,
    scopes: Vec<String>,
}

/// The members of an entry, in the order in which they are written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    id: String,
    sha256: String,
    created: String,
    #[serde(default, deserialize_with = "not_null")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

/// Refuses `null`, which could mean a token without an expiry, or a field that nobody has filled in.
fn not_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl TokenEntry {
    pub(super) fn issued(
        token: NewToken,
        digest: TokenDigest,
        now: SystemTime,
    ) -> Result<Self, Kind> {
        let entry = Self {
            id: token.id,
            digest,
            created: whole_seconds(now)?,
            expires: token.expires_at.map(whole_seconds).transpose()?,
            revoked: None,
            scopes: token.scopes,
        };
        entry.checked()
    }

    pub(super) fn from_members(members: Members) -> Result<Self, Kind> {
        let time =
            |text: String| OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| Kind::InvalidTime);
        let entry = Self {
            digest: TokenDigest::from_hex(&members.sha256).ok_or(Kind::InvalidDigest)?,
            created: time(members.created)?,
            expires: members.expires.map(time).transpose()?,
            revoked: members.revoked.map(time).transpose()?,
            id: members.id,
            scopes: members.scopes,
        };
        entry.checked()
    }

    pub(super) fn members(&self) -> Members {
        // It cannot fail: every time here was parsed from this form, or made of whole seconds.
        let text = |time: OffsetDateTime| time.format(&Rfc3339).unwrap_or_default();
        Members {
            id: self.id.clone(),
            sha256: self.digest.to_hex(),
            created: text(self.created),
            expires: self.expires.map(text),
            revoked: self.revoked.map(text),
            scopes: self.scopes.clone(),
        }
    }

    fn checked(self) -> Result<Self, Kind> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@:/+".contains(&byte);
        if !(1..=128).contains(&self.id.len()) || !self.id.bytes().all(plain) {
            return Err(Kind::InvalidId);
        }
        if !self.scopes.is_empty() && ScopePolicy::all_of(&self.scopes).is_err() {
            return Err(Kind::InvalidScope);
        }
        Ok(self)
    }

    /// A token with any time in `revoked` is revoked, even one in the future.
    pub(super) fn record(&self) -> TokenRecord {
        let record = TokenRecord::new(&self.id).with_scopes(&self.scopes);
        let record = match self.expires_at() {
            Some(end) => record.with_expires_at(end),
            None => record,
        };
        match self.revoked {
            Some(_) => record.revoked(),
            None => record,
        }
    }

    pub(super) fn digest(&self) -> TokenDigest {
        self.digest
    }

    pub(super) fn revoke(&mut self, now: SystemTime) -> Result<(), Kind> {
        if self.revoked.is_none() {
            self.revoked = Some(whole_seconds(now)?);
        }
        Ok(())
    }

    /// Gives the id to another token.
    pub(super) fn replace(&mut self, digest: TokenDigest, now: SystemTime) -> Result<(), Kind> {
        let has_expired = self.expires_at().is_some_and(|end| end <= now);
        if self.revoked.is_some() || has_expired {
            return Err(Kind::Ended);
        }
        self.created = whole_seconds(now)?;
        self.digest = digest;
        Ok(())
    }

    /// The id of the token.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When the token was issued.
    #[must_use]
    pub fn created_at(&self) -> SystemTime {
        self.created.into()
    }

    /// When the token expires or has expired.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires.map(Into::into)
    }

    /// When the token was revoked.
    #[must_use]
    pub fn revoked_at(&self) -> Option<SystemTime> {
        self.revoked.map(Into::into)
    }

    /// The scopes granted, in the order given.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().map(String::as_str)
    }
}

/// The time without its fraction of a second. RFC 3339 ends with the year 9999.
fn whole_seconds(time: SystemTime) -> Result<OffsetDateTime, Kind> {
    let since = time
        .duration_since(UNIX_EPOCH)
        .map_err(|_| Kind::InvalidTime)?;
    let seconds = i64::try_from(since.as_secs()).map_err(|_| Kind::InvalidTime)?;
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Kind::InvalidTime)
}

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::pypi::digest::Sha256Digest;

/// What is known of a file's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FileFacts {
    /// The digest of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// `Requires-Python` of its metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// Its core metadata; `None` if nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core_metadata: Option<MetadataFact>,
    /// When it was first uploaded, in seconds since 1970. A copy in the bucket has a later date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<u64>,
    /// The digest of its attestations, which are the object beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Sha256Digest>,
}

/// What is known of the core metadata of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MetadataFact {
    /// It has none that can be served.
    Absent,
    /// It has core metadata with this digest.
    Sha256(Sha256Digest),
}

/// `absent`, or 64 hexadecimal digits.
impl Serialize for MetadataFact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_str("absent"),
            Self::Sha256(digest) => digest.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for MetadataFact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "absent" {
            return Ok(Self::Absent);
        }
        let digest = Sha256Digest::from_hex(&text).map(Self::Sha256);
        digest.ok_or_else(|| serde::de::Error::custom("neither `absent` nor 64 hexadecimal digits"))
    }
}

use std::slice;

use serde::Deserialize;

use super::document::Document;

/// A text, or a list of texts.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "a text, or a list of texts")]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Document for OneOrMore {}

impl OneOrMore {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

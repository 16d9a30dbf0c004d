//! The formats of a package index against what `packaging` and `s3pypi` say.
//!
//! `vectors.json` is made by `scripts/pypi-vectors/generate`; `scripts/pypi-vectors/check` shows that it
//! still makes the same.

mod names;
mod pages;

use serde_json::{Map, Value};

/// A member of `vectors.json`.
fn vectors(member: &str) -> Value {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    vectors[member].clone()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

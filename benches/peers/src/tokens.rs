use serde::Deserialize;

/// Tokens from `scripts/jwt-corpus/generate`, valid until 2100.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub issuer: String,
    pub audience: String,
    pub rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub name: String,
    pub jwks: String,
    pub token: String,
    /// `accepted` or `refused`.
    pub expect: String,
    /// Further requirements of the gate.
    pub scope: Option<String>,
}

impl Tokens {
    pub fn load() -> Self {
        serde_json::from_str(include_str!("../tokens.json")).expect("the tokens are of this form")
    }

    /// The row with this name.
    pub fn row(&self, name: &str) -> &Row {
        self.rows
            .iter()
            .find(|row| row.name == name)
            .expect("a row of that name")
    }
}

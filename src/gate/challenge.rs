use http::HeaderValue;

use crate::error::ConfigError;

/// One `WWW-Authenticate` line: a scheme and its parameters (RFC 9110 section 11.3).
///
/// ```
/// use portcullis::gate::Challenge;
///
/// let challenge = Challenge::new("Basic")?.with_param("realm", r#"the "inner" door"#)?;
/// assert_eq!(challenge.header_value(), r#"Basic realm="the \"inner\" door""#);
/// assert!(Challenge::new("Basic")?.with_param("realm", "two\r\nlines").is_err());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    scheme: &'static str,
    params: Vec<(&'static str, String)>,
    line: HeaderValue,
}

impl Challenge {
    /// A challenge of a scheme, without parameters.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the scheme is not a token of RFC 9110.
    pub fn new(scheme: &'static str) -> Result<Self, ConfigError> {
        require_token("scheme", scheme)?;
        Ok(Self {
            scheme,
            params: Vec::new(),
            line: HeaderValue::from_static(scheme),
        })
    }

    /// Adds a parameter. Its value is written as a quoted string.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`], which names the parameter, if the name is not a token of RFC 9110 or is
    /// given twice, or the value is not printable ASCII.
    pub fn with_param(
        mut self,
        name: &'static str,
        value: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let value = value.into();
        require_token(name, name)?;
        if self.param(name).is_some() {
            return Err(ConfigError::new(name, "is given twice"));
        }
        // RFC 9110 allows more in a quoted string, but clients do not agree on its encoding.
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(ConfigError::new(name, "must be printable ASCII"));
        }
        self.params.push((name, value));
        self.line = render(self.scheme, &self.params);
        Ok(self)
    }

    /// The line as it is sent.
    #[must_use]
    pub fn header_value(&self) -> HeaderValue {
        self.line.clone()
    }

    /// Whether both have the same protection space: one scheme, one realm.
    pub(super) fn is_for_the_same_space(&self, other: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.param("realm") == other.param("realm")
    }

    /// Adds the parameters of another line that are not in this one.
    pub(super) fn complete_by(&mut self, other: Self) {
        for (name, value) in other.params {
            if self.param(name).is_none() {
                self.params.push((name, value));
            }
        }
        self.line = render(self.scheme, &self.params);
    }

    fn param(&self, name: &str) -> Option<&str> {
        let mut params = self.params.iter();
        let found = params.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

fn render(scheme: &str, params: &[(&str, String)]) -> HeaderValue {
    let params: Vec<_> = params
        .iter()
        .map(|(name, value)| {
            let escaped = value.replace('\\', r"\\").replace('"', r#"\""#);
            format!("{name}=\"{escaped}\"")
        })
        .collect();
    HeaderValue::try_from(format!("{scheme} {}", params.join(", ")).trim_end())
        .expect("tokens and printable ASCII")
}

fn require_token(setting: &'static str, token: &str) -> Result<(), ConfigError> {
    if !token.is_empty() && token.bytes().all(is_tchar) {
        Ok(())
    } else {
        Err(ConfigError::new(setting, "must be a token of RFC 9110"))
    }
}

/// The `tchar` of RFC 9110 section 5.6.2.
pub(super) fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

use std::error::Error;
use std::fmt::Write;

/// The boxed error of services and bodies.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The message of an error and those of its causes.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing into a `String` does not fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    if text.contains("UnknownIssuer") {
        text.push_str(HINT);
    }
    text
}

/// The way out for a certificate of an authority that is not trusted.
const HINT: &str = ": name its authority by SSL_CERT_FILE, or by AWS_CA_BUNDLE or ca_file for S3";

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn an_unknown_authority_has_a_way_out() {
        for (problem, has_hint) in [
            ("invalid peer certificate: UnknownIssuer", true),
            ("invalid peer certificate: Expired", false),
        ] {
            let text = chain(&io::Error::other(problem));
            assert_eq!(text.ends_with(HINT), has_hint, "{text}");
        }
    }
}

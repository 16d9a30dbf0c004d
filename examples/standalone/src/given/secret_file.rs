use std::fs;

use portcullis::Secret;

use super::source::SettingError;
use super::untidy::Untidy;
use super::value::Given;

/// The secret in the file at a path: its text without a final newline.
pub(super) fn read(path: &Given) -> Result<Given<Secret>, SettingError> {
    let name = &path.value;
    let wrong = |problem: &str| path.wrong(format_args!("{name} {problem}"));
    let contents = fs::read(name).map_err(|error| path.wrong(format_args!("{name}: {error}")))?;
    let text = str::from_utf8(&contents).map_err(|_| wrong("is not UTF-8"))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(wrong("is empty"));
    }
    if let Some(untidy) = Untidy::of(text) {
        return Err(wrong(untidy.problem()));
    }
    Ok(Given {
        value: Secret::new(text),
        source: path.source.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::Source;

    fn read_text(contents: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, contents).unwrap();
        let given = Given {
            value: path.to_str().unwrap().to_owned(),
            source: Source::Environment("COOKIE_SECRET_FILE"),
        };
        let read = read(&given).map(|secret| secret.value.expose().to_owned());
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn one_final_newline_is_dropped() {
        for (contents, secret) in [
            (&b"pa55word"[..], Some("pa55word")),
            (b"pa55word\n", Some("pa55word")),
            (b"pa55word\r\n", Some("pa55word")),
            (b"pa55\nword\n", Some("pa55\nword")),
            (b"pa55word\n\n", None),
            (b"pa55word \n", None),
            (b"\"pa55word\"\n", None),
            (b"\xef\xbb\xbfpa55word\n", None),
            (b"pa55word\xff", None),
            (b"\n", None),
            (b"", None),
        ] {
            let found = read_text(contents);
            assert_eq!(found.as_deref().ok(), secret, "{contents:?}");
            if let Err(error) = found {
                assert!(error.starts_with("COOKIE_SECRET_FILE (environment): /"));
                assert!(!error.contains("pa55"), "{error}");
            }
        }
    }
}

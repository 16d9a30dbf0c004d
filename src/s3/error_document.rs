use quick_xml::Reader;
use quick_xml::events::Event;

use crate::headers::digits;

/// The longest error document that is read.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// The parts of an error document of S3 that are used ("Error responses" in the Amazon S3 API reference).
///
/// The message and the other elements are left out: `SignatureDoesNotMatch` repeats the request and
/// `AccessDenied` names roles and keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorDocument {
    pub(super) code: Option<String>,
    /// The length of the object, in an `InvalidRange`.
    pub(super) actual_object_size: Option<u64>,
    /// The region of the bucket, in an `AuthorizationHeaderMalformed`.
    pub(super) region: Option<String>,
}

impl ErrorDocument {
    /// Reads the document up to the first malformed part.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut document = Self::default();
        let mut reader = Reader::from_reader(bytes);
        let mut element = Vec::new();
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(start) => element = start.name().as_ref().to_vec(),
                Event::End(_) => element.clear(),
                Event::Text(text) => document.read(&element, &text),
                Event::Eof => break,
                _ => {}
            }
        }
        document
    }

    fn read(&mut self, element: &[u8], text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        match element {
            b"Code" if is_word(text, ".") => {
                self.code.get_or_insert_with(|| text.to_owned());
            }
            b"ActualObjectSize" => {
                self.actual_object_size = self.actual_object_size.or(digits(text));
            }
            b"Region" if is_word(text, "-") => {
                self.region.get_or_insert_with(|| text.to_owned());
            }
            _ => {}
        }
    }
}

/// Whether this is short and consists of letters, digits and characters of `more`, so that a log can
/// have it unescaped.
pub(super) fn is_word(text: &str, more: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_size_and_region_are_read() {
        let invalid_range = br#"<?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>InvalidRange</Code><Message>The range is not satisfiable</Message>
            <ActualObjectSize>13</ActualObjectSize><RequestId>R</RequestId></Error>"#;
        let expected = ErrorDocument {
            code: Some("InvalidRange".into()),
            actual_object_size: Some(13),
            region: None,
        };
        assert_eq!(ErrorDocument::parse(invalid_range), expected);
        let malformed = b"<Error><Code>AuthorizationHeaderMalformed</Code>\
            <Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message>\
            <Region>eu-west-1</Region></Error>";
        let expected = ErrorDocument {
            code: Some("AuthorizationHeaderMalformed".into()),
            actual_object_size: None,
            region: Some("eu-west-1".into()),
        };
        assert_eq!(ErrorDocument::parse(malformed), expected);
        let dotted = b"<Error><Code>KMS.DisabledException</Code></Error>";
        let code = ErrorDocument::parse(dotted).code;
        assert_eq!(code.as_deref(), Some("KMS.DisabledException"));
    }

    #[test]
    fn other_documents_have_no_code() {
        for bytes in [
            &b""[..],
            b"<html><body>502 Bad Gateway</body></html>",
            b"<Error><Code>two words</Code></Error>",
            b"<Error><Code>line\nfeed</Code></Error>",
            b"<Error><Code>",
            &[b"<Code>", &[b'x'; 65][..], b"</Code>"].concat(),
            b"{\"Code\": \"x\"}",
            b"<Error><Region>eu west</Region></Error>",
            b"<Error><ActualObjectSize>+5</ActualObjectSize></Error>",
        ] {
            assert_eq!(
                ErrorDocument::parse(bytes),
                ErrorDocument::default(),
                "{}",
                bytes.escape_ascii()
            );
        }
    }
}

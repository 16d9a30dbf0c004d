use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// No document of S3 is nested deeper than a few elements.
const MAX_DEPTH: usize = 8;

/// Reads an XML document, and passes on the path and the text of each element at its end, such as
/// `ListBucketResult/Contents/Key`. Namespaces are left out. Returns whether the document is complete.
///
/// A document type or an entity of its own ends it: S3 sends none.
pub(super) fn elements(bytes: &[u8], mut element: impl FnMut(&str, &str)) -> bool {
    let mut reader = Reader::from_reader(bytes);
    let mut path = String::new();
    // Of each open element, the length of the path before it, and its text.
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut has_ended = false;
    loop {
        let text = match reader.read_event() {
            Ok(Event::Start(start)) if open.len() < MAX_DEPTH && !has_ended => {
                let name = start.local_name();
                let Ok(name) = std::str::from_utf8(name.as_ref()) else {
                    return false;
                };
                open.push((path.len(), String::new()));
                if open.len() > 1 {
                    path.push('/');
                }
                path.push_str(name);
                continue;
            }
            Ok(Event::End(_)) => {
                let Some((before, text)) = open.pop() else {
                    return false;
                };
                element(&path, &text);
                path.truncate(before);
                has_ended = open.is_empty();
                continue;
            }
            // An empty element has no text that anybody asks for.
            Ok(Event::Empty(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_)) => continue,
            Ok(Event::Text(text)) => text.decode().ok().map(Into::into),
            Ok(Event::CData(text)) => text.decode().ok().map(Into::into),
            Ok(Event::GeneralRef(reference)) => character(&reference),
            Ok(Event::Eof) => return has_ended,
            _ => None,
        };
        match (text, open.last_mut()) {
            (Some(text), Some((_, of_element))) => of_element.push_str(&text),
            // White space around the root.
            (Some(_), None) => {}
            (None, _) => return false,
        }
    }
}

/// What `&quot;` or `&#34;` stands for.
fn character(reference: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string());
    }
    let name = reference.decode().ok()?;
    resolve_predefined_entity(&name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(String, String)>, bool) {
        let mut read = Vec::new();
        let is_complete = elements(text.as_bytes(), |path, text| {
            read.push((path.to_owned(), text.to_owned()));
        });
        (read, is_complete)
    }

    #[test]
    fn each_element_is_passed_on_at_its_end() {
        let (read, is_complete) = read(
            "<?xml version=\"1.0\"?>\n<a xmlns=\"urn:x\"><s3:b> x &quot;&#65;&amp;<![CDATA[<]]></s3:b>\n<c/></a>\n",
        );
        let expected = [("a/b", " x \"A&<"), ("a", "\n")];
        assert_eq!(
            read,
            expected.map(|(path, text)| (path.to_owned(), text.to_owned()))
        );
        assert!(is_complete);
    }

    #[test]
    fn other_documents_are_incomplete() {
        for text in [
            "",
            "no XML",
            "<a>",
            "<a></b>",
            "<a></a><b></b>",
            "<a>&own;</a>",
            "<!DOCTYPE a><a></a>",
            "<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
        ] {
            assert!(!read(text).1, "{text}");
        }
        assert!(read("<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a>").1);
    }
}

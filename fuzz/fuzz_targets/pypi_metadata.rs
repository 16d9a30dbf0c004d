//! Core metadata against a slow twin of Python's email parser, which works on whole lines of text. What an
//! index shows of it is one plain line or a web address.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::pypi::{CoreMetadata, ProjectName, Version};

fuzz_target!(|document: &[u8]| {
    let metadata = CoreMetadata::parse(document).expect("it is short");
    if let Ok((name, version)) = metadata.check() {
        assert!(std::str::from_utf8(document).is_ok());
        assert_eq!(ProjectName::parse(metadata.get("name").unwrap()), Ok(name));
        assert_eq!(
            Version::parse(metadata.get("version").unwrap()),
            Ok(version)
        );
    }
    if let Some(specifiers) = metadata.requires_python() {
        assert!(!specifiers.contains(char::is_control));
    }
    for (_, url) in metadata.project_urls() {
        let url = url.to_ascii_lowercase();
        assert!(url.starts_with("https://") || url.starts_with("http://"));
    }
    let Ok(text) = std::str::from_utf8(document) else {
        return;
    };
    let (fields, body) = twin(text);
    for (name, _) in &fields {
        let expected: Vec<_> = fields
            .iter()
            .filter(|it| it.0 == *name)
            .map(|it| &*it.1)
            .collect();
        assert_eq!(metadata.all(name).collect::<Vec<_>>(), expected);
        assert_eq!(
            metadata.get(name),
            (expected.len() == 1).then(|| expected[0])
        );
    }
    if fields.iter().all(|(name, _)| name != "description") {
        assert_eq!(metadata.description().as_deref().unwrap_or_default(), body);
    }
});

/// The fields, in lower case, and the body.
fn twin(text: &str) -> (Vec<(String, String)>, String) {
    let mut lines = lines(text);
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_graphic() && c != ':');
    let is_field = |line: &String| {
        let name = line.split_once(':').map(|(name, _)| name);
        line.starts_with("From ") || line.starts_with([' ', '\t']) || name.is_some_and(is_name)
    };
    let end = lines
        .iter()
        .position(|line| !is_field(line))
        .unwrap_or(lines.len());
    let mut body = lines.split_off(end);
    if body
        .first()
        .is_some_and(|line| line.trim_matches(['\r', '\n']).is_empty())
    {
        body.remove(0);
    }
    if lines.len() > 1 && lines.last().is_some_and(|line| line.starts_with("From ")) {
        // The parser takes the line back, but not the empty line after it.
        body.insert(0, lines.pop().expect("it is there"));
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in lines {
        if line.starts_with([' ', '\t']) {
            if open {
                fields.last_mut().expect("it is open").1 += &line;
            }
            continue;
        }
        open = !line.starts_with("From ") && !line.starts_with(':');
        if open {
            let (name, value) = line.split_once(':').expect("it is a field");
            fields.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    for (_, value) in &mut fields {
        *value = value.trim_matches([' ', '\t', '\r', '\n']).to_owned();
    }
    (fields, body.concat())
}

/// The lines, each with its end.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        lines.last_mut().expect("one at least").push(c);
        let is_pair = c == '\r' && rest.peek() == Some(&'\n');
        if (c == '\r' || c == '\n') && !is_pair {
            lines.push(String::new());
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

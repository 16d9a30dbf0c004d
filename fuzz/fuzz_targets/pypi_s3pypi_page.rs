//! Pages of s3pypi against a slow twin of its regular expression, and read again as they were written.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use portcullis::pypi::S3pypiPage;

fuzz_target!(|text: &[u8]| {
    let page = S3pypiPage::parse(text);
    let Ok(text) = std::str::from_utf8(text) else {
        assert!(page.is_err());
        return;
    };
    let page = page.expect("it is short, and UTF-8");
    let expected = twin(text);
    let files: Vec<_> = page.files().map(|(file, _)| file).collect();
    assert_eq!(
        files,
        expected.keys().map(|file| &**file).collect::<Vec<_>>()
    );
    for (file, digest) in page.files() {
        let hash = expected[file]
            .as_deref()
            .and_then(|hash| hash.strip_prefix("sha256="));
        let hash =
            hash.filter(|hash| hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(
            digest.map(|it| it.to_string()),
            hash.map(str::to_ascii_lowercase)
        );
        assert_eq!((page.sha256(file), page.contains(file)), (digest, true));
    }
    let written = page.html();
    for (file, hash) in &expected {
        let hash = hash
            .as_ref()
            .map(|hash| format!("#{hash}"))
            .unwrap_or_default();
        assert!(written.contains(&format!("{hash}\">{file}</a>")));
    }
    assert_eq!(S3pypiPage::parse(written.as_bytes()).as_ref(), Ok(&page));
});

/// `<a href=".+?((\w+)=(\w+))?">(.*?)</a>`, tried at each place. A link without text is skipped.
fn twin(text: &str) -> BTreeMap<String, Option<String>> {
    let mut files = BTreeMap::new();
    for line in text.split('\n') {
        let mut at = 0;
        while at < line.len() {
            match line.get(at..).and_then(link) {
                Some((file, hash, length)) => {
                    let name = file.trim_end_matches('/');
                    if !name.is_empty() {
                        files.insert(name.to_owned(), hash.map(str::to_owned));
                    }
                    at += length;
                }
                None => at += 1,
            }
        }
    }
    files
}

/// A link at the start: its text, its hash and its length.
fn link(text: &str) -> Option<(&str, Option<&str>, usize)> {
    let address = text.strip_prefix("<a href=\"")?;
    let word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    for (start, _) in address.char_indices().skip(1) {
        let rest = &address[start..];
        let (before, after) = rest.split_once("\">")?;
        let hash = before.split_once('=').filter(|(name, value)| {
            !name.is_empty() && !value.is_empty() && word(name) && word(value)
        });
        if before.is_empty() || hash.is_some() {
            let end = after.find("</a>")?;
            let length = text.len() - after.len() + end + "</a>".len();
            return Some((&after[..end], hash.map(|_| before), length));
        }
    }
    None
}

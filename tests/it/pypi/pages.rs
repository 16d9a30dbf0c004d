//! The pages read back: JSON by `serde_json`, HTML by a small reader that knows what these pages have.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use portcullis::pypi::{
    DistributionName, Project, ProjectFile, ProjectList, ProjectName, ProjectStatus, S3pypiPage,
    Sha256Digest,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::vectors;

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).unwrap()
}

fn file(text: &str, size: u64) -> ProjectFile {
    ProjectFile::new(DistributionName::parse(text).unwrap(), size)
}

fn digest() -> (Sha256Digest, String) {
    let digest = Sha256Digest::of(b"content");
    (digest, digest.to_string())
}

/// One element: its name, its attributes and its text.
type Element = (String, BTreeMap<String, String>, String);

/// The elements of a page that have attributes.
fn elements(page: &str) -> Vec<Element> {
    let tags = page.split('<').skip(1).filter_map(|tag| {
        let (mut tag, text) = tag.split_once('>').unwrap();
        let element = tag.split(' ').next().unwrap().to_owned();
        let mut attributes = BTreeMap::new();
        while let Some((name, after)) = tag.split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            let name = name.rsplit(' ').next().unwrap();
            let before = attributes.insert(name.to_owned(), unescaped(value));
            assert_eq!(before, None, "{name} twice");
            tag = after;
        }
        (!attributes.is_empty()).then(|| (element, attributes, unescaped(text)))
    });
    tags.collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#13;", "\r"),
    ] {
        plain = plain.replace(entity, c);
    }
    plain.replace("&amp;", "&")
}

fn links(page: &str) -> Vec<(BTreeMap<String, String>, String)> {
    let links = elements(page)
        .into_iter()
        .filter(|(element, ..)| element == "a");
    links
        .map(|(_, attributes, text)| (attributes, text))
        .collect()
}

#[test]
fn a_file_has_every_member() {
    let (sha256, hex) = digest();
    let uploaded = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_999);
    let full = file("demo-1!1.0+x-py3-none-any.whl", 7)
        .with_sha256(sha256)
        .with_upload_time(uploaded)
        .with_requires_python(">=3.9,<4")
        .with_core_metadata(sha256)
        .with_yanked("a \"bad\" <file> & more")
        .with_provenance("https://example.com/p?a=1&b=2");
    let page = Project::new(name("Demo"), vec![full]);
    assert_eq!(
        serde_json::from_str::<Value>(&page.json()).unwrap(),
        json!({
            "meta": {"api-version": "1.4"},
            "name": "demo",
            "project-status": {"status": "active"},
            "versions": ["1!1.0+x"],
            "files": [{
                "filename": "demo-1!1.0+x-py3-none-any.whl",
                "url": "demo-1%211.0%2Bx-py3-none-any.whl",
                "hashes": {"sha256": hex},
                "size": 7,
                "upload-time": "2026-01-01T00:00:00Z",
                "requires-python": ">=3.9,<4",
                "core-metadata": {"sha256": hex},
                "dist-info-metadata": {"sha256": hex},
                "yanked": "a \"bad\" <file> & more",
                "provenance": "https://example.com/p?a=1&b=2",
            }],
        })
    );
    assert_eq!(
        page.html(),
        format!(
            "<!DOCTYPE html>
<html>
<head>
<meta charset=\"utf-8\">
<meta name=\"pypi:repository-version\" content=\"1.4\">
<title>Links for demo</title>
</head>
<body>
<h1>Links for demo</h1>
<a href=\"demo-1%211.0%2Bx-py3-none-any.whl#sha256={hex}\" data-requires-python=\"&gt;=3.9,&lt;4\" \
data-core-metadata=\"sha256={hex}\" data-dist-info-metadata=\"sha256={hex}\" \
data-yanked=\"a &#34;bad&#34; &lt;file&gt; &amp; more\" \
data-provenance=\"https://example.com/p?a=1&amp;b=2\">demo-1!1.0+x-py3-none-any.whl</a><br>
</body>
</html>
"
        )
    );
}

#[test]
fn what_is_unknown_is_left_out() {
    let files = vec![
        file("demo-1.0.zip", 0),
        file("demo-1.1.zip", u64::MAX)
            .with_yanked("")
            .with_url("../files/demo-1.1.zip"),
        file("demo-1.2.zip", 1).with_upload_time(SystemTime::UNIX_EPOCH - Duration::from_secs(1)),
    ];
    let page = Project::new(name("demo"), files);
    let read: Value = serde_json::from_str(&page.json()).unwrap();
    let file = |name: &str, url: &str, size: u64, yanked: bool| {
        json!({
            "filename": name, "url": url, "hashes": {}, "size": size,
            "core-metadata": false, "dist-info-metadata": false, "yanked": yanked,
        })
    };
    assert_eq!(
        read["files"],
        json!([
            file("demo-1.0.zip", "demo-1.0.zip", 0, false),
            file("demo-1.1.zip", "../files/demo-1.1.zip", u64::MAX, true),
            file("demo-1.2.zip", "demo-1.2.zip", 1, false),
        ])
    );
    let attributes: Vec<_> = links(&page.html())
        .into_iter()
        .map(|(it, _)| json!(it))
        .collect();
    assert_eq!(
        json!(attributes),
        json!([
            {"href": "demo-1.0.zip"},
            {"href": "../files/demo-1.1.zip", "data-yanked": ""},
            {"href": "demo-1.2.zip"},
        ])
    );
}

#[test]
fn upload_times_are_in_utc() {
    // From Python's `datetime.fromtimestamp(…, UTC)`.
    for (seconds, expected) in [
        (0, Some("1970-01-01T00:00:00Z")),
        (951_782_400, Some("2000-02-29T00:00:00Z")),
        (1_767_225_599, Some("2025-12-31T23:59:59Z")),
        (253_402_300_799, Some("9999-12-31T23:59:59Z")),
        (253_402_300_800, None),
    ] {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let files = vec![file("demo-1.0.zip", 1).with_upload_time(at)];
        let read: Value = serde_json::from_str(&Project::new(name("demo"), files).json()).unwrap();
        assert_eq!(read["files"][0]["upload-time"].as_str(), expected);
    }
}

#[test]
fn a_status_is_on_both_pages() {
    for (status, reason, expected, metas) in [
        (
            ProjectStatus::Active,
            None,
            json!({"status": "active"}),
            vec![],
        ),
        (
            ProjectStatus::Archived,
            Some("we \"moved\""),
            json!({"status": "archived", "reason": "we \"moved\""}),
            vec!["archived", "we \"moved\""],
        ),
        (
            ProjectStatus::Quarantined,
            None,
            json!({"status": "quarantined"}),
            vec!["quarantined"],
        ),
    ] {
        let page = Project::new(name("demo"), vec![file("demo-1.0.zip", 1)]);
        let page = page.with_status(status, reason.map(str::to_owned));
        let read: Value = serde_json::from_str(&page.json()).unwrap();
        assert_eq!(read["project-status"], expected);
        let offered = usize::from(status != ProjectStatus::Quarantined);
        assert_eq!(read["files"].as_array().unwrap().len(), offered);
        assert_eq!(links(&page.html()).len(), offered);
        let html = elements(&page.html());
        let html = html.iter().filter_map(|(_, attributes, _)| {
            let name = attributes.get("name")?;
            name.starts_with("pypi:project-status")
                .then(|| &*attributes["content"])
        });
        assert_eq!(html.collect::<Vec<_>>(), metas);
    }
}

#[test]
fn a_root_page_has_each_project_once() {
    let list: ProjectList = ["demo", "Demo", "a.b", "demo-x"]
        .map(name)
        .into_iter()
        .collect();
    assert_eq!(
        serde_json::from_str::<Value>(&list.json()).unwrap(),
        json!({
            "meta": {"api-version": "1.4"},
            "projects": [{"name": "a-b"}, {"name": "demo"}, {"name": "demo-x"}],
        })
    );
    let links = links(&list.html());
    let read: Vec<_> = links
        .iter()
        .map(|(attributes, text)| (&*attributes["href"], &**text))
        .collect();
    assert_eq!(
        read,
        [("a-b/", "a-b"), ("demo/", "demo"), ("demo-x/", "demo-x")]
    );
    assert!(links.iter().all(|(attributes, _)| attributes.len() == 1));
}

#[test]
fn pages_of_s3pypi_are_its_own_bytes() {
    for row in vectors("s3pypi").as_array().unwrap() {
        let html = row["html"].as_str().unwrap();
        let page = S3pypiPage::parse(html.as_bytes()).unwrap();
        let files: Vec<_> = page
            .files()
            .map(|(file, it)| (file, it.map(|it| it.to_string())))
            .collect();
        assert_eq!(json!(files), row["files"]);
        assert_eq!(page.html(), html);
    }
}

proptest! {
    /// Whatever people write as a reason, or metadata as a specifier, both pages give back.
    #[test]
    fn texts_survive_both_pages(reason in any::<String>(), text in any::<String>(), url in any::<String>()) {
        let reason = reason.replace('\0', "");
        let (text, url) = (text.replace('\0', ""), url.replace('\0', ""));
        let file = file("demo-1.0.zip", 1)
            .with_url(url.clone())
            .with_yanked(reason.clone())
            .with_requires_python(text.clone())
            .with_provenance(text.clone());
        let page = Project::new(name("demo"), vec![file]);
        let page = page.with_status(ProjectStatus::Deprecated, Some(reason.clone()));
        let read: Value = serde_json::from_str(&page.json()).unwrap();
        prop_assert_eq!(&read["project-status"]["reason"], &json!(reason));
        let read = &read["files"][0];
        let yanked = if reason.is_empty() { json!(true) } else { json!(reason) };
        prop_assert_eq!([&read["url"], &read["yanked"]], [&json!(url), &yanked]);
        prop_assert_eq!([&read["requires-python"], &read["provenance"]], [&json!(text), &json!(text)]);

        let links = links(&page.html());
        let (link, label) = &links[0];
        let expected = [("data-provenance", &text), ("data-requires-python", &text), ("data-yanked", &reason), ("href", &url)];
        let read: Vec<_> = link.iter().map(|(name, value)| (&**name, value)).collect();
        prop_assert_eq!(read, expected);
        prop_assert_eq!(&**label, "demo-1.0.zip");
    }
}

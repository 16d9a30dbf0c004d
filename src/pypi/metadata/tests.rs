use super::*;

fn parse(document: &str) -> CoreMetadata {
    CoreMetadata::parse(document.as_bytes()).unwrap()
}

const GOOD: &str = "Metadata-Version: 2.1\nName: Demo.Pkg\nVersion: 1.0\n";

#[test]
fn fields_are_read_for_pages() {
    let metadata = parse(
        "Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nSummary: A demo: with a colon\nKeywords: a, b,,c \n\
         License: MIT\nLicense-Expression: MIT OR Apache-2.0\nHome-page: https://example.com\n\
         Project-URL: Source, HTTPS://example.com/a,b\nProject-URL: Bad, javascript:alert(1)\nproject-url: no comma\n\
         Requires-Python: >=3.9\nDynamic: License\nDynamic: Summary\nDescription-Content-Type: text/markdown\n\n# Demo\n",
    );
    assert_eq!(metadata.get("summary"), Some("A demo: with a colon"));
    assert_eq!(metadata.keywords().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(metadata.license(), Some("MIT OR Apache-2.0"));
    let urls: Vec<_> = metadata.project_urls().collect();
    assert_eq!(
        urls,
        [
            ("Homepage", "https://example.com"),
            ("Source", "HTTPS://example.com/a,b")
        ]
    );
    assert_eq!(metadata.requires_python(), Some(">=3.9"));
    assert_eq!(
        metadata.all("DYNAMIC").collect::<Vec<_>>(),
        ["License", "Summary"]
    );
    assert_eq!(metadata.get("dynamic"), None);
    assert_eq!(metadata.description().as_deref(), Some("# Demo\n"));
    assert!(metadata.check().is_ok());
}

#[test]
fn a_folded_description_is_unfolded() {
    for (name, document, description) in [
        (
            "spaces",
            "Description: One\n        two\n          three\n",
            Some("One\ntwo\n  three"),
        ),
        (
            "bars",
            "Description: One\n       |\n       |  two\n",
            Some("One\n\n  two"),
        ),
        ("in both places", "Description: One\n\nTwo", None),
        ("twice", "Description: One\nDescription: Two\n", None),
        ("nowhere", "Name: demo\n\n", None),
    ] {
        assert_eq!(
            parse(document).description().as_deref(),
            description,
            "{name}"
        );
    }
}

#[test]
fn requires_python_is_one_plain_line() {
    for (name, value, expected) in [
        ("plain", " >=3.9,<4 ", Some(">=3.9,<4")),
        ("empty", "", None),
        ("folded", ">=3.9,\n <4", None),
        ("control", ">=3.9\x1b", None),
        ("repeated", ">=3\nRequires-Python: >=4", None),
    ] {
        let metadata = parse(&format!("Requires-Python: {value}\n"));
        assert_eq!(metadata.requires_python(), expected, "{name}");
    }
}

#[test]
fn good_metadata_has_name_and_version() {
    for (name, document) in [
        ("least", GOOD.to_owned()),
        ("old", GOOD.replace("2.1", "1.0")),
        ("newer than known", GOOD.replace("2.1", "2.9")),
        ("unknown field", format!("{GOOD}X-Own: 1\n")),
        ("lists", format!("{GOOD}Classifier: a\nClassifier: b\n")),
        ("body", format!("{GOOD}\nText")),
        (
            "python",
            format!("{GOOD}Requires-Python: >=3.9, !=3.9.1, ~=3.10\n"),
        ),
        (
            "type",
            format!("{GOOD}Description-Content-Type: text/Markdown; charset=UTF-8; variant=GFM\n"),
        ),
    ] {
        let (project, version) = parse(&document)
            .check()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (project.as_str(), version.to_string().as_str()),
            ("demo-pkg", "1.0"),
            "{name}"
        );
    }
}

#[test]
fn bad_metadata_names_the_field() {
    use MetadataErrorKind as Kind;

    for (document, kind, field) in [
        (
            String::new(),
            Kind::UnknownMetadataVersion,
            "metadata-version",
        ),
        (
            GOOD.replace("2.1", "3.0"),
            Kind::UnknownMetadataVersion,
            "metadata-version",
        ),
        (
            GOOD.replace("2.1", "2"),
            Kind::UnknownMetadataVersion,
            "metadata-version",
        ),
        (GOOD.replace("Name: Demo.Pkg\n", ""), Kind::Invalid, "name"),
        (GOOD.replace("Demo.Pkg", "../x"), Kind::Invalid, "name"),
        (GOOD.replace("1.0", "master"), Kind::Invalid, "version"),
        (format!("{GOOD}name: other\n"), Kind::Repeated, "name"),
        (
            format!("{GOOD}Description: a\n\nb"),
            Kind::Repeated,
            "description",
        ),
        (
            format!("{GOOD}Requires-Python: 3.9\n"),
            Kind::Invalid,
            "requires-python",
        ),
        (format!("{GOOD}Summary: a\n b\n"), Kind::Invalid, "summary"),
        (
            format!("{GOOD}Description-Content-Type: text/html\n"),
            Kind::Invalid,
            "description-content-type",
        ),
    ] {
        let error = parse(&document).check().unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (kind, Some(field)),
            "{document}"
        );
    }
}

#[test]
fn what_is_not_utf8_is_absent() {
    for document in [&b"Name: demo\nSummary: \xff\n"[..], b"Name: demo\n\n\xff"] {
        let metadata = CoreMetadata::parse(document).unwrap();
        assert_eq!(metadata.get("name"), Some("demo"));
        assert_eq!(metadata.get("summary"), None);
        assert_eq!(metadata.description(), None);
        assert_eq!(
            metadata.check().unwrap_err().kind(),
            MetadataErrorKind::NotUtf8
        );
    }
}

#[test]
fn a_document_has_a_bound() {
    let longest = [b"\n", &*vec![b'a'; MAX_BYTES - 1]].concat();
    assert!(CoreMetadata::parse(&longest).is_ok());
    let error = CoreMetadata::parse(&[&*longest, b"a"].concat()).unwrap_err();
    assert_eq!(error.kind(), MetadataErrorKind::TooLong);
}

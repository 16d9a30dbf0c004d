use portcullis::pypi::{CoreMetadata, DistributionName, ProjectName, Version};
use serde_json::json;

use super::{object, vectors};

#[test]
fn names_are_normalised_as_packaging_does() {
    for (name, normalised) in object(&vectors("names")) {
        let read = ProjectName::parse(name).ok();
        assert_eq!(
            read.as_ref().map(ProjectName::as_str),
            normalised.as_str(),
            "{name:?}"
        );
    }
}

#[test]
fn versions_are_ordered_as_packaging_does() {
    let rows = vectors("versions");
    let mut versions = Vec::new();
    for (text, normalised) in object(&rows) {
        let read = Version::parse(text).ok();
        let written = read.as_ref().map(ToString::to_string);
        assert_eq!(written.as_deref(), normalised.as_str(), "{text:?}");
        versions.extend(read);
    }
    let pairs = versions
        .iter()
        .flat_map(|a| versions.iter().map(move |b| (a, b)));
    assert_eq!(pairs.filter(|(a, b)| a < b).count(), vectors("less"));
}

#[test]
fn files_are_read_as_packaging_does() {
    for (file, expected) in object(&vectors("files")) {
        // `packaging` refuses a version that is not one of PEP 440.
        let read = DistributionName::parse(file).ok().and_then(|name| {
            let version = name.version()?.to_string();
            Some(json!({"project": name.project().as_str(), "version": version}))
        });
        assert_eq!(read.unwrap_or_default(), *expected, "{file:?}");
    }
}

#[test]
fn metadata_is_read_as_packaging_does() {
    for row in vectors("metadata").as_array().unwrap() {
        let text = row["text"].as_str().unwrap();
        let metadata = CoreMetadata::parse(text.as_bytes()).unwrap();
        let fields = [
            "description-content-type",
            "license",
            "metadata-version",
            "name",
            "requires-python",
            "summary",
            "version",
        ];
        for field in fields {
            assert_eq!(
                metadata.get(field),
                row["fields"][field].as_str(),
                "{field} of {text:?}"
            );
        }
        for field in ["classifier", "dynamic", "requires-dist"] {
            let values: Vec<_> = metadata.all(field).collect();
            let expected = row["lists"].get(field).cloned();
            assert_eq!(
                json!(values),
                expected.unwrap_or(json!([])),
                "{field} of {text:?}"
            );
        }
        // `packaging` leaves a field folded.
        let folded = metadata.get("description").map(Into::into);
        let description = metadata.description().map(|body| folded.unwrap_or(body));
        let expected = row["description"].as_str().map(str::trim_end);
        assert_eq!(
            description.as_deref().map(str::trim_end),
            expected,
            "{text:?}"
        );
    }
}

//! What the documents say, held against the tree.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One paragraph on one line, as sentences are compared.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All Rust sources that may hold a test.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn readme_is_short_and_hides_nothing() {
    let readme = read("README.md");
    let lines = readme.lines().count();
    assert!(lines <= 150, "{lines} lines");
    let hidden: Vec<_> = (readme.split("```rust").skip(1))
        .filter_map(|block| block.split("```").next())
        .flat_map(str::lines)
        .filter(|line| *line == "#" || line.starts_with("# "))
        .collect();
    assert_eq!(hidden, [""; 0], "only rustdoc hides these lines");
}

#[test]
fn readme_and_crate_page_open_alike() {
    let readme = read("README.md");
    let page = read("src/lib.rs");
    let page: Vec<_> = page
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    let opening = |text: &str| {
        let mut paragraphs = text.split("\n\n").map(joined);
        paragraphs.find(|it| it.starts_with("Portcullis is"))
    };
    let page: Vec<_> = page.into_iter().map(str::trim_start).collect();
    assert_eq!(opening(&readme), opening(&page.join("\n")));
    assert!(opening(&readme).is_some());
}

#[test]
fn relative_links_lead_to_files() {
    for document in [
        "README.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "examples/standalone/README.md",
        "examples/lambda/README.md",
    ] {
        let folder = root().join(document);
        let folder = folder.parent().unwrap();
        let text = read(document);
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|it| it.split(')').next());
        for target in targets.filter(|it| !it.contains("://")) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = if path.is_empty() {
                root().join(document)
            } else {
                folder.join(path)
            };
            assert!(linked.exists(), "{document}: {target}");
            if !heading.is_empty() {
                let linked = fs::read_to_string(linked).unwrap();
                let mut headings = linked.lines().filter(|line| line.starts_with('#'));
                let anchor = |line: &str| line.trim_start_matches('#').trim().to_lowercase();
                let is_there = headings.any(|it| anchor(it).replace(' ', "-") == heading);
                assert!(is_there, "{document}: {target}");
            }
        }
    }
}

/// A sentence that claims safety, where it stands, and the tests that hold it.
const CLAIMS: &[(&str, &str, &[&str])] = &[];

#[test]
fn each_claim_of_safety_has_its_test() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "examples"] {
        sources(&root().join(folder), &mut files);
    }
    let sources: String = files
        .iter()
        .map(|it| fs::read_to_string(it).unwrap())
        .collect();
    for (document, claim, tests) in CLAIMS {
        let text = read(document).replace("//!", " ").replace("///", " ");
        assert!(
            joined(&text).contains(claim),
            "{document} does not say: {claim}"
        );
        for test in *tests {
            let is_there = sources.contains(&format!("fn {test}("));
            assert!(is_there, "{claim:?} of {document}: no test {test}");
        }
    }
}

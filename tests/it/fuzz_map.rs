//! `fuzz/README.md` maps every parser of a stranger's bytes to a fuzz target, and here it is held against
//! the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::docs::{read, root, sources};

/// The functions of a file that a row names, and the targets.
struct Row {
    file: String,
    functions: Vec<String>,
    targets: Vec<String>,
}

/// The rows of the two tables. A row of the second one, which says why no target is needed, has no targets.
fn rows() -> Vec<Row> {
    let readme = read("fuzz/README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{line}");
        let (parsers, targets) = match cells[..] {
            [parsers, _bytes, target, _oracle] => (parsers, target),
            [parsers, _bytes, _reason] => (parsers, ""),
            _ => panic!("neither three nor four cells: {line}"),
        };
        let mut names = parsers.split('`').skip(1).step_by(2);
        Row {
            file: names.next().expect("a file").to_owned(),
            functions: names.map(str::to_owned).collect(),
            targets: targets
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect(),
        }
    })
    .collect()
}

/// The targets: their files, and what is in them.
fn targets() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    sources(&root().join("fuzz/fuzz_targets"), &mut files);
    let texts = files.iter().map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    texts
        .filter(|(_, text)| text.contains("fuzz_target!("))
        .collect()
}

#[test]
fn every_parser_of_client_input_is_fuzzed() {
    let mapped: BTreeSet<_> = (rows().iter())
        .flat_map(|row| {
            let functions = row.functions.iter();
            functions
                .map(|it| (row.file.clone(), it.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let found: BTreeSet<_> = parsers().collect();
    let missing: Vec<_> = found.difference(&mapped).collect();
    assert!(
        missing.is_empty(),
        "fuzz/README.md has no row for these parsers: {missing:#?}"
    );
    for (file, function) in &mapped {
        let text = read(file);
        let is_there =
            text.contains(&format!("fn {function}(")) || text.contains(&format!("fn {function}<"));
        assert!(
            is_there,
            "fuzz/README.md: {file} has no function {function}"
        );
    }
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""));
}

#[test]
fn the_map_names_every_target() {
    let targets = targets();
    let mapped: BTreeSet<_> = rows().into_iter().flat_map(|row| row.targets).collect();
    let names: BTreeSet<_> = targets.keys().cloned().collect();
    assert_eq!(mapped, names, "fuzz/README.md and fuzz/fuzz_targets");
    let manifest = read("fuzz/Cargo.toml");
    for name in &names {
        let is_built = manifest.contains(&format!("name = \"{name}\""));
        assert!(is_built, "{name} is not in fuzz/Cargo.toml");
        let seeds = fs::read_dir(root().join("fuzz/corpus").join(name));
        let seeds = seeds
            .unwrap_or_else(|_| panic!("{name} has no seeds"))
            .count();
        assert!((1..=40).contains(&seeds), "{name} has {seeds} seeds");
    }
}

/// `src/fuzzing.rs` shows private functions to the targets.
#[test]
fn every_private_entry_has_a_target() {
    let targets: String = targets().into_values().collect();
    let entries = read("src/fuzzing.rs");
    let entries = entries
        .lines()
        .filter_map(|line| line.strip_prefix("pub fn "));
    for entry in entries.filter_map(|it| it.split(['(', '<']).next()) {
        assert!(targets.contains(entry), "no target calls {entry}");
    }
}

/// Names of functions that parse, alone and with more after an underscore; so does every `from_…`.
const VERBS: [&str; 8] = [
    "decode",
    "find",
    "of",
    "open",
    "parse",
    "read",
    "recognise",
    "split",
];

/// Types of parameters that a stranger's bytes come in.
const TYPES: [&str; 10] = [
    "str",
    "[u8]",
    "Bytes",
    "HeaderMap",
    "HeaderValue",
    "Map<",
    "Parts",
    "Response<",
    "Uri",
    "LambdaRequest",
];

/// Every function of the library and of the programs that parses by its name and its parameters.
fn parsers() -> impl Iterator<Item = (String, String)> {
    let mut files = Vec::new();
    for folder in ["src", "examples/standalone/src", "examples/lambda/src"] {
        sources(&root().join(folder), &mut files);
    }
    let is_test = |path: &Path| path.ends_with("tests.rs") || path.iter().any(|it| it == "tests");
    files.retain(|path| !is_test(path) && !path.ends_with("src/fuzzing.rs"));
    files.into_iter().flat_map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let name = path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let code: Vec<_> = (text.lines())
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let code = code.join("\n");
        let functions = code.split("fn ").skip(1).filter_map(parser_name);
        let functions: BTreeSet<_> = functions.map(str::to_owned).collect();
        functions
            .into_iter()
            .map(move |it| (name.clone(), it))
            .collect::<Vec<_>>()
    })
}

/// The name of the function that `text` begins with, if it parses.
fn parser_name(text: &str) -> Option<&str> {
    let head = text.split(['{', ';']).next()?;
    let name = head.split(['(', '<']).next()?;
    let parameters = head.split_once('(')?.1.split(" -> ").next()?;
    let is_verb = |verb: &&str| {
        let rest = name.strip_prefix(*verb);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    let words = parameters.replace("&'static str", "");
    let parses = name.starts_with("from_") || VERBS.iter().any(is_verb);
    let parses = parses && TYPES.iter().any(|it| words.contains(it));
    parses.then_some(name)
}

#[test]
fn the_scan_tells_parsers_from_others() {
    for (text, expected) in [
        ("parse(text: &str) -> Self {", Some("parse")),
        ("of_head<'a>(head: &'a Parts) {", Some("of_head")),
        (
            "parse_line(\n    line: &[u8],\n) -> () {",
            Some("parse_line"),
        ),
        ("open(\n  map: Map<String, Value>) {", Some("open")),
        ("parsed(text: &str) {", None),
        ("of(time: SystemTime) -> &str {", None),
        ("of(name: &'static str) {", None),
        ("write(text: &str) {", None),
    ] {
        assert_eq!(parser_name(text), expected, "{text}");
    }
}

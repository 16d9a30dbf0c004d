use std::collections::HashSet;

use super::fixture::{problems, read_file};

const EXAMPLE: &str = include_str!("../../../example.toml");

/// The headers of tables in the example, such as `[mounts.s3]`, and their settings as
/// `[mounts.s3] bucket`, commented out or not.
fn of_example() -> HashSet<String> {
    let mut found = HashSet::new();
    let mut header = "";
    for line in EXAMPLE.lines() {
        let line = line.trim_start_matches("# ");
        let is_name = |name: &str| name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        if line.starts_with('[') && line.ends_with(']') {
            header = line;
            found.insert(header.to_owned());
        } else if let Some((name, _)) = line.split_once(" = ").filter(|(it, _)| is_name(it)) {
            found.insert(format!("{header} {name}"));
        }
    }
    found
}

/// The settings of a table, which the error for an unknown one names.
fn of_document(header: &str) -> Vec<String> {
    let mount = if header.contains("[mounts.") {
        "[[mounts]]\n"
    } else {
        ""
    };
    let text = format!("{mount}{header}\nunheard_of = 1\n");
    let found = problems(header, read_file(&text, &[], &[]));
    let known = found[0].split_once("unknown field `unheard_of`, expected ");
    let (_, known) = known.unwrap_or_else(|| panic!("{header}: {found:?}"));
    let names = known.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

#[test]
fn the_example_has_each_setting_in_its_table() {
    let example = of_example();
    let mut headers = vec![String::new()];
    let mut number = 0;
    while let Some(header) = headers.pop() {
        let table = header.trim_matches(['[', ']']);
        for name in of_document(&header) {
            number += 1;
            let below = format!("{table}.{name}");
            let below = below.trim_start_matches('.');
            let below = [format!("[{below}]"), format!("[[{below}]]")];
            if let Some(below) = below.into_iter().find(|it| example.contains(it)) {
                headers.push(below);
            } else {
                let setting = format!("{header} {name}");
                assert!(
                    example.contains(&setting),
                    "{setting} is not in the example"
                );
            }
        }
    }
    // A table that was passed over would have hidden its own.
    assert!(number > 70, "{number}");
}

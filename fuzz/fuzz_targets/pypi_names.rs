//! Names of projects, files and versions against a slow twin that was written from PEP 440, PEP 503 and the
//! specification of wheels. A name in the normalised spelling stays as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::pypi::{DistributionName, ProjectName, Sibling, Version};

fuzz_target!(|text: &str| {
    let project = ProjectName::parse(text);
    assert_eq!(
        project.as_ref().ok().map(ProjectName::as_str),
        twin_project(text).as_deref()
    );

    let version = Version::parse(text).ok();
    let written = version.as_ref().map(ToString::to_string);
    assert_eq!(
        written,
        (text.len() <= 255).then(|| twin_version(text)).flatten()
    );
    if let Some(written) = written {
        // The normalised spelling of `1-1` is `1.post1`, which may exceed the bound.
        if written.len() <= 255 {
            assert_eq!(Version::parse(&written).ok(), version);
        }
        assert_eq!(twin_version(&written), Some(written));
    }

    let file = DistributionName::parse(text).ok();
    let read = file.as_ref().map(|file| {
        let project = file.project().as_str().to_owned();
        (
            project,
            file.version_text(),
            file.build_tag(),
            file.python_tag(),
        )
    });
    assert_eq!(read, twin_file(text));
    if let Some(file) = file {
        // One segment of a path, which needs no escape in HTML.
        assert!(!text.contains(['/', '\\', '%', '&', '<', '>', '"', '\'', '?', '#', '\0']));
        let wheel = file.format().is_wheel();
        assert_eq!(
            file.abi_tag().is_some() && file.platform_tag().is_some(),
            wheel
        );
        let in_directory =
            DistributionName::parse_of(text, file.project()).expect("its own project");
        assert_eq!(in_directory.project(), file.project());
        for sibling in [Sibling::Metadata, Sibling::Provenance, Sibling::Signature] {
            let name = file.sibling(sibling);
            assert_eq!(Sibling::split(&name), Some((text, sibling)));
            assert!(DistributionName::parse(&name).is_err());
        }
        if file.is_normalised() {
            let [name, rest] = [file.project().escaped(), text.to_owned()];
            let rest = rest.strip_prefix(&format!("{name}-{}", file.version().unwrap()));
            assert!(rest.is_some_and(|rest| rest == ".tar.gz" || rest.starts_with('-')));
        }
    }
});

fn twin_project(name: &str) -> Option<String> {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    (name.len() <= 255 && name.starts_with(is_letter) && name.ends_with(is_letter)).then_some(())?;
    let mut normalised = String::new();
    for c in name.chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' => normalised.push(c.to_ascii_lowercase()),
            '-' | '_' | '.' if normalised.ends_with('-') => {}
            '-' | '_' | '.' => normalised.push('-'),
            _ => return None,
        }
    }
    Some(normalised)
}

type File<'a> = (String, &'a str, Option<&'a str>, &'a str);

fn twin_file(file: &str) -> Option<File<'_>> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+!~".contains(c);
    (file.len() <= 255 && file.chars().all(is_plain)).then_some(())?;
    if let Some(stem) = file.strip_suffix(".whl") {
        let (stem, platform) = stem.rsplit_once('-')?;
        let (stem, abi) = stem.rsplit_once('-')?;
        let (stem, python) = stem.rsplit_once('-')?;
        for set in [platform, abi, python] {
            let set = format!(".{set}.");
            (!set.contains("..")).then_some(())?;
        }
        let (name, rest) = stem.split_once('-')?;
        let (version, build) = match rest.split_once('-') {
            None => (rest, None),
            Some((version, build)) => (version, Some(build)),
        };
        if let Some(build) = build {
            (build.as_bytes().first()?.is_ascii_digit() && !build.contains('-')).then_some(())?;
        }
        (!version.is_empty()).then_some(())?;
        return Some((twin_project(name)?, version, build, python));
    }
    for extension in [".tar.gz", ".tar.bz2", ".tar.xz", ".zip"] {
        if let Some(stem) = file.strip_suffix(extension) {
            let dash = stem.rfind('-')?;
            let version = &stem[dash + 1..];
            (!version.is_empty()).then_some(())?;
            return Some((twin_project(&stem[..dash])?, version, None, "source"));
        }
    }
    None
}

/// The normalised version, read with the grammar of PEP 440, Appendix B, part by part.
fn twin_version(text: &str) -> Option<String> {
    let text = text
        .trim_matches(|c: char| c.is_ascii_whitespace())
        .to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (text, None),
    };
    let mut rest = public;
    let mut written = String::new();
    let first = digits(&mut rest)??;
    if let Some(after) = rest.strip_prefix('!') {
        rest = after;
        if first != 0 {
            written = format!("{first}!");
        }
        written += &digits(&mut rest)??.to_string();
    } else {
        written += &first.to_string();
    }
    while rest
        .strip_prefix('.')
        .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
    {
        rest = &rest[1..];
        written += &format!(".{}", digits(&mut rest)??);
    }
    let pre = ["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"];
    if let Some((word, number)) = segment(&mut rest, &pre)? {
        let word = match word {
            "alpha" | "a" => "a",
            "beta" | "b" => "b",
            _ => "rc",
        };
        written += &format!("{word}{number}");
    }
    let dash = rest
        .strip_prefix('-')
        .filter(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(after) = dash {
        rest = after;
        written += &format!(".post{}", digits(&mut rest)??);
    } else if let Some((_, number)) = segment(&mut rest, &["post", "rev", "r"])? {
        written += &format!(".post{number}");
    }
    if let Some((_, number)) = segment(&mut rest, &["dev"])? {
        written += &format!(".dev{number}");
    }
    rest.is_empty().then_some(())?;
    let segments = local.map(|local| local.split(['-', '_', '.']));
    for (i, segment) in segments.into_iter().flatten().enumerate() {
        (!segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric())).then_some(())?;
        written.push(if i == 0 { '+' } else { '.' });
        match segment.parse::<u64>() {
            Ok(number) => written += &number.to_string(),
            Err(_) => written += segment,
        }
    }
    Some(written)
}

/// A word with its number, and the separators before both.
fn segment(rest: &mut &str, words: &[&'static str]) -> Option<Option<(&'static str, u64)>> {
    let after = rest.strip_prefix(['-', '_', '.']).unwrap_or(rest);
    let Some(word) = words.iter().find(|word| after.starts_with(**word)) else {
        return Some(None);
    };
    *rest = &after[word.len()..];
    if let Some(after) = rest.strip_prefix(['-', '_', '.']) {
        if after.starts_with(|c: char| c.is_ascii_digit()) {
            *rest = after;
            return Some(Some((word, digits(rest)??)));
        }
        *rest = after;
        return Some(Some((word, 0)));
    }
    Some(Some((word, digits(rest).map_or(Some(0), |number| number)?)))
}

/// The leading digits: `None` if there are none, `Some(None)` for a number that is too large.
fn digits(rest: &mut &str) -> Option<Option<u64>> {
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    *rest = after;
    (!number.is_empty()).then(|| number.parse().ok())
}

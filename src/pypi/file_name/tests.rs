use super::*;

fn kind_of(file_name: &str) -> Kind {
    DistributionName::parse(file_name).unwrap_err().kind()
}

#[test]
fn wheels_are_taken_apart() {
    for (file, project, version, build, tags) in [
        (
            "demo-1.0-py3-none-any.whl",
            "demo",
            "1.0",
            None,
            ["py3", "none", "any"],
        ),
        (
            "Demo.Pkg-1.0-py3-none-any.whl",
            "demo-pkg",
            "1.0",
            None,
            ["py3", "none", "any"],
        ),
        (
            "demo_pkg-1.0-1a-py2.py3-none-any.whl",
            "demo-pkg",
            "1.0",
            Some("1a"),
            ["py2.py3", "none", "any"],
        ),
        (
            "demo-2!1.0rc1+local.1-cp313-cp313t-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "demo",
            "2!1.0rc1+local.1",
            None,
            [
                "cp313",
                "cp313t",
                "manylinux_2_17_x86_64.manylinux2014_x86_64",
            ],
        ),
    ] {
        let name = DistributionName::parse(file).unwrap();
        assert_eq!(name.as_str(), file);
        assert_eq!(name.format(), DistributionFormat::Wheel, "{file}");
        assert_eq!(name.project().as_str(), project, "{file}");
        assert_eq!(name.version_text(), version, "{file}");
        assert_eq!(
            name.version(),
            Some(&Version::parse(version).unwrap()),
            "{file}"
        );
        assert_eq!(name.build_tag(), build, "{file}");
        let read = [
            name.python_tag(),
            name.abi_tag().unwrap(),
            name.platform_tag().unwrap(),
        ];
        assert_eq!(read, tags, "{file}");
        assert_eq!(
            DistributionName::parse_of(file, name.project()).unwrap(),
            name
        );
    }
}

#[test]
fn source_distributions_end_at_the_last_dash() {
    for (file, project, version) in [
        ("demo-1.0.tar.gz", "demo", "1.0"),
        ("demo_pkg-1.0.tar.gz", "demo-pkg", "1.0"),
        ("demo-pkg-1.0.zip", "demo-pkg", "1.0"),
        ("Demo.Pkg-1.0.dev3.tar.bz2", "demo-pkg", "1.0.dev3"),
        ("demo-1.0+abc.tar.xz", "demo", "1.0+abc"),
        ("demo-1!2.0.tar.gz", "demo", "1!2.0"),
        // As s3pypi reads it.
        ("demo-1.0-post1.tar.gz", "demo-1-0", "post1"),
        ("demo-master.tar.gz", "demo", "master"),
    ] {
        let name = DistributionName::parse(file).unwrap();
        assert_eq!(name.project().as_str(), project, "{file}");
        assert_eq!(name.version_text(), version, "{file}");
        assert_eq!(
            name.version(),
            Version::parse(version).ok().as_ref(),
            "{file}"
        );
        assert_eq!(name.python_tag(), "source", "{file}");
        assert_eq!(
            (name.build_tag(), name.abi_tag(), name.platform_tag()),
            (None, None, None)
        );
    }
}

#[test]
fn the_directory_says_where_a_name_ends() {
    let project = ProjectName::parse("demo").unwrap();
    for (file, version) in [
        ("demo-1.0-post1.tar.gz", "1.0-post1"),
        ("Demo-1.0.zip", "1.0"),
        ("demo-pkg-1.0.tar.gz", "pkg-1.0"),
        ("demo-1.0-py3-none-any.whl", "1.0"),
    ] {
        let name = DistributionName::parse_of(file, &project).unwrap();
        assert_eq!(name.version_text(), version, "{file}");
    }
    for file in [
        "other-1.0.tar.gz",
        "demo_pkg-1.0-py3-none-any.whl",
        "demo.tar.gz",
    ] {
        let error = DistributionName::parse_of(file, &project).unwrap_err();
        assert_eq!(error.kind(), Kind::OtherProject, "{file}");
    }
}

#[test]
fn other_names_are_refused() {
    let too_long = format!("{}-1.0.tar.gz", "a".repeat(256 - "-1.0.tar.gz".len()));
    for (file, kind) in [
        ("", Kind::UnknownFormat),
        ("demo-1.0.egg", Kind::UnknownFormat),
        ("demo-1.0.tgz", Kind::UnknownFormat),
        ("demo-1.0-py3-none-any.WHL", Kind::UnknownFormat),
        ("demo-1.0.tar.gz.asc", Kind::UnknownFormat),
        ("demo.tar.gz", Kind::InvalidSdist),
        ("demo-.tar.gz", Kind::InvalidSdist),
        ("-1.0.tar.gz", Kind::InvalidProject),
        ("-.tar.gz", Kind::InvalidProject),
        ("_demo-1.0.tar.gz", Kind::InvalidProject),
        (".whl", Kind::InvalidWheel),
        ("demo-1.0-py3-none.whl", Kind::InvalidWheel),
        ("demo-1.0-1-2-py3-none-any.whl", Kind::InvalidWheel),
        ("demo-1.0-build1-py3-none-any.whl", Kind::InvalidWheel),
        ("demo-1.0--py3-none-any.whl", Kind::InvalidWheel),
        ("demo--py3-none-any.whl", Kind::InvalidWheel),
        ("demo-1.0-py3.-none-any.whl", Kind::InvalidWheel),
        ("demo-1.0-py3-none-.whl", Kind::InvalidWheel),
        ("-1.0-py3-none-any.whl", Kind::InvalidProject),
        ("../demo-1.0.tar.gz", Kind::InvalidCharacter),
        ("a/demo-1.0.tar.gz", Kind::InvalidCharacter),
        ("a\\demo-1.0.tar.gz", Kind::InvalidCharacter),
        ("demo-1.0\0.tar.gz", Kind::InvalidCharacter),
        ("demo-1.0\n.tar.gz", Kind::InvalidCharacter),
        ("demo-1.0 .tar.gz", Kind::InvalidCharacter),
        ("demo-1.0\".tar.gz", Kind::InvalidCharacter),
        ("demo-1.0%2f.tar.gz", Kind::InvalidCharacter),
        ("dem\u{f6}-1.0.tar.gz", Kind::InvalidCharacter),
        (&too_long, Kind::TooLong),
    ] {
        assert_eq!(kind_of(file), kind, "{file:?}");
    }
    assert!(DistributionName::parse(&too_long[1..]).is_ok());
}

#[test]
fn spellings_of_today_are_told_apart() {
    for (file, is_normalised) in [
        ("demo_pkg-1.0-py3-none-any.whl", true),
        ("Demo_pkg-1.0-py3-none-any.whl", false),
        ("demo.pkg-1.0-py3-none-any.whl", false),
        ("demo_pkg-1.0.0rc1-py3-none-any.whl", true),
        ("demo_pkg-1.0.0.rc1-py3-none-any.whl", false),
        ("demo_pkg-1.0+ab.c-py3-none-any.whl", true),
        ("demo_pkg-1.0+ab_c-py3-none-any.whl", false),
        ("demo_pkg-1.0.tar.gz", true),
        ("demo-pkg-1.0.tar.gz", false),
        ("demo_pkg-1.0.zip", false),
        ("demo_pkg-master.tar.gz", false),
    ] {
        let name = DistributionName::parse(file).unwrap();
        assert_eq!(name.is_normalised(), is_normalised, "{file}");
    }
}

#[test]
fn siblings_have_an_extension_more() {
    let name = DistributionName::parse("demo-1.0.tar.gz").unwrap();
    for (sibling, file) in [
        (Sibling::Metadata, "demo-1.0.tar.gz.metadata"),
        (Sibling::Provenance, "demo-1.0.tar.gz.provenance"),
        (Sibling::Signature, "demo-1.0.tar.gz.asc"),
    ] {
        assert_eq!(name.sibling(sibling), file);
        assert_eq!(Sibling::split(file), Some((name.as_str(), sibling)));
    }
    assert_eq!(Sibling::split(name.as_str()), None);
}

use super::*;

fn file(name: &str) -> ProjectFile {
    ProjectFile::new(DistributionName::parse(name).unwrap(), 1)
}

fn project(files: &[&str]) -> Project {
    let files = files.iter().map(|name| file(name)).collect();
    Project::new(ProjectName::parse("demo").unwrap(), files)
}

#[test]
fn versions_are_sorted_and_once() {
    for (name, files, versions) in [
        ("none", &[][..], &[][..]),
        (
            "numbers",
            &["demo-1.10.zip", "demo-1.9.zip"],
            &["1.9", "1.10"],
        ),
        (
            "two files",
            &["demo-1.0.zip", "demo-1.0-py3-none-any.whl"],
            &["1.0"],
        ),
        (
            "two spellings",
            &["demo-1.0rc1.zip", "demo-1.0.0-rc.1.zip"],
            &["1.0.0rc1"],
        ),
        (
            "trailing zeros",
            &["demo-1.0.0.zip", "demo-1.0.tar.gz"],
            &["1.0.0"],
        ),
        (
            "kinds",
            &[
                "demo-1.0.zip",
                "demo-1.0.dev1.zip",
                "demo-1.0.post1.zip",
                "demo-1!0.zip",
            ],
            &["1.0.dev1", "1.0", "1.0.post1", "1!0"],
        ),
        (
            "no versions",
            &[
                "demo-1.0.zip",
                "demo-main.zip",
                "demo-main.tar.gz",
                "demo-Main.zip",
            ],
            &["Main", "main", "1.0"],
        ),
    ] {
        let name_of = ProjectName::parse("demo").unwrap();
        let files = files
            .iter()
            .map(|file| DistributionName::parse_of(file, &name_of).unwrap());
        let files = files.map(|file| ProjectFile::new(file, 1)).collect();
        assert_eq!(Project::new(name_of, files).versions(), versions, "{name}");
    }
}

#[test]
fn of_two_files_with_one_name_the_first_counts() {
    let files = vec![
        file("demo-1.0.zip").with_yanked("first"),
        file("demo-1.0.zip"),
    ];
    let project = Project::new(ProjectName::parse("demo").unwrap(), files);
    assert_eq!(project.files().len(), 1);
    assert_eq!(project.files()[0].yanked(), Some("first"));
}

#[test]
fn a_quarantined_project_offers_nothing() {
    for (status, count, takes) in [
        (ProjectStatus::Active, 1, true),
        (ProjectStatus::Deprecated, 1, true),
        (ProjectStatus::Archived, 1, false),
        (ProjectStatus::Quarantined, 0, false),
    ] {
        let project = project(&["demo-1.0.zip"]).with_status(status, None);
        assert_eq!(
            (project.files().len(), project.versions().len()),
            (count, count),
            "{status:?}"
        );
        assert_eq!(status.takes_uploads(), takes, "{status:?}");
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
}

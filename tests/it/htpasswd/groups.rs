use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portcullis::BasicAuthLayer;
use portcullis::gate::{Identity, RequireScopeLayer, ScopePolicy};
use portcullis::htpasswd::{HtpasswdErrorKind, HtpasswdTable, HtpasswdUsers};
use tower::ServiceBuilder;

use super::SHA;
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;
use crate::support::{Answer, Echo, basic, echo, get, send};

/// A name, what changes the files, the status for each user, and the report.
type Step<'a, R> = (&'a str, &'a dyn Fn(), [u16; 2], R);

async fn ask(users: &HtpasswdUsers, user: &str) -> Answer {
    let policy = ScopePolicy::all_of(["wheels:read"]).unwrap();
    let stack = ServiceBuilder::new()
        .layer(BasicAuthLayer::new("r", users.clone()).unwrap())
        .layer(RequireScopeLayer::new(policy))
        .service(Echo::new(echo()));
    let authorization = basic(user, "s3cret");
    send(stack, get("/", &[("authorization", &authorization)])).await
}

async fn statuses(users: &HtpasswdUsers) -> [u16; 2] {
    [
        ask(users, "ana").await.status.as_u16(),
        ask(users, "bob").await.status.as_u16(),
    ]
}

fn two_users() -> String {
    format!("ana:{SHA}\nbob:{SHA}\n")
}

#[tokio::test]
async fn groups_are_the_scopes_of_their_members() {
    let groups = b"wheels:read: ana cat\nwheels: bob ana\nwheels:read: ana";
    let table = HtpasswdTable::parse(two_users().as_bytes()).unwrap();
    let users = HtpasswdUsers::new(table.with_groups(groups).unwrap());
    let ana = ask(&users, "ana").await;
    let identity = ana.seen().extensions.get::<Identity>().unwrap();
    let scopes: Vec<_> = identity.scopes().collect();
    assert_eq!(scopes, ["wheels", "wheels:read"]);
    assert_eq!(statuses(&users).await, [200, 403]);
    assert_eq!(ask(&users, "cat").await.status, 401, "a group is no user");
}

#[tokio::test]
async fn either_file_is_read_again_when_it_changes() {
    let file = TestFile::new("grouped", two_users());
    let groups = TestFile::new("groups", "wheels:read: ana\n");
    let clock = StandingClock::new();
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let users = HtpasswdUsers::from_file(&file.path)
        .unwrap()
        .with_clock(clock.clone())
        .with_reload_observer(move |change| {
            let change = change
                .map(HtpasswdTable::len)
                .map_err(|error| (error.is_in_group_file(), error.line(), error.kind()));
            // An error says that the test is over.
            let _: Result<(), _> = tell.lock().unwrap().send(change);
        })
        .with_group_file(&groups.path)
        .unwrap();
    assert_eq!(statuses(&users).await, [200, 403]);

    let (missing, bad) = (
        HtpasswdErrorKind::Unreadable,
        HtpasswdErrorKind::MissingColon,
    );
    let steps: [Step<'_, _>; 6] = [
        (
            "other groups",
            &|| groups.replace("wheels:read: bob\n"),
            [403, 200],
            Ok(2),
        ),
        (
            "a bad group file",
            &|| groups.replace("# ours\nwheels\n"),
            [403, 200],
            Err((true, Some(2), bad)),
        ),
        (
            "no group file",
            &|| groups.remove(),
            [403, 200],
            Err((true, None, missing)),
        ),
        (
            "both in a group",
            &|| groups.replace("wheels:read: ana bob\n"),
            [200, 200],
            Ok(2),
        ),
        (
            "other users",
            &|| file.replace(format!("bob:{SHA}\n")),
            [401, 200],
            Ok(1),
        ),
        (
            "no users",
            &|| file.remove(),
            [401, 200],
            Err((false, None, missing)),
        ),
    ];
    for (name, change, expected, report) in steps {
        change();
        for _ in 0..2 {
            clock.advance(Duration::from_secs(1));
            assert_eq!(statuses(&users).await, expected, "{name}");
        }
        let told_first = told.recv_timeout(Duration::from_mins(1));
        assert_eq!(told_first, Ok(report), "{name}");
        assert!(told.try_recv().is_err(), "{name} is reported once");
    }
}

#[test]
fn errors_name_the_group_file_and_its_line() {
    let file = TestFile::new("group-errors", two_users());
    let users = Arc::new(HtpasswdUsers::from_file(&file.path).unwrap());
    for (name, groups, message) in [
        (
            "no colon",
            "g: ana\nbob\n",
            "group file: line 2: has no colon",
        ),
        (
            "a bad name",
            "g g: ana",
            "group file: line 1: the group's name is not a scope token of RFC 6749",
        ),
    ] {
        let groups = TestFile::new("bad-groups", groups);
        let error = HtpasswdUsers::clone(&users)
            .with_group_file(&groups.path)
            .unwrap_err();
        assert!(error.is_in_group_file(), "{name}");
        assert_eq!(error.to_string(), message, "{name}");
    }
    let missing = file.path.with_extension("missing");
    let error = HtpasswdUsers::clone(&users)
        .with_group_file(missing)
        .unwrap_err();
    assert_eq!(error.to_string(), "group file: the file cannot be read");

    let table = HtpasswdTable::parse(two_users().as_bytes()).unwrap();
    let fixed = HtpasswdUsers::new(table).with_group_file(&file.path);
    assert_eq!(fixed.unwrap_err().kind(), HtpasswdErrorKind::NoUserFile);

    let table = HtpasswdTable::parse(two_users().as_bytes()).unwrap();
    let too_large = table.with_groups(&vec![b'\n'; 16 * 1024 * 1024 + 1]);
    let too_large = too_large.unwrap_err();
    assert_eq!(too_large.kind(), HtpasswdErrorKind::TooLarge);
    assert!(too_large.is_in_group_file());
}

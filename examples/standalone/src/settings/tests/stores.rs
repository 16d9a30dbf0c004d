//! Several stores and accounts in one file.

use super::fixture::{problems, read_file, s3, working_file};

const KEYS: [(&str, &str); 3] = [
    ("OTHER_ID", "OTHER"),
    ("OTHER_KEY", "s3cr3tkey-of-another-account"),
    ("OTHER_TOKEN", "t0ken"),
];

/// A mount with more lines in its table of the bucket.
fn mount(path: &str, lines: &str) -> String {
    format!(
        "[[mounts]]\npath = '{path}'\ninsecure_no_auth = true\n[mounts.s3]\nbucket = 'wheels'\n\
         region = 'eu-west-1'\n{lines}\n"
    )
}

#[tokio::test]
async fn a_mount_may_have_keys_of_its_own() {
    let own = "access_key_id_env = 'OTHER_ID'\nsecret_access_key_env = 'OTHER_KEY'\n\
               session_token_env = 'OTHER_TOKEN'";
    let text = mount("/a", own) + &mount("/b", "");
    let settings = working_file(&text, &[], &KEYS);
    for (mount, id) in settings.mounts.iter().zip(["OTHER", "AKID"]) {
        let credentials = s3(mount).credentials.credentials().await.unwrap();
        assert_eq!(credentials.access_key_id(), id);
    }
}

#[test]
fn the_chain_is_named_if_a_mount_needs_it() {
    let own = "access_key_id_env = 'OTHER_ID'\nsecret_access_key_env = 'OTHER_KEY'";
    let none = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    let variables: Vec<_> = KEYS.into_iter().chain(none).collect();
    for (name, text, expected) in [
        ("own keys", mount("/", own), false),
        ("a profile", mount("/", "profile = 'other'"), false),
        (
            "a role",
            mount("/", "role_arn = 'arn:aws:iam::1:role/x'"),
            true,
        ),
        ("one without", mount("/a", own) + &mount("/b", ""), true),
    ] {
        let settings = working_file(&text, &[], &variables);
        assert_eq!(settings.sdk_chain, expected, "{name}");
    }
}

#[test]
fn wrong_keys_and_stores_are_named() {
    for (name, lines, problem) in [
        (
            "no secret",
            "access_key_id_env = 'OTHER_ID'",
            "mounts.s3.access_key_id_env: needs secret_access_key_env",
        ),
        (
            "no id",
            "secret_access_key_env = 'OTHER_KEY'",
            "mounts.s3.secret_access_key_env: needs access_key_id_env",
        ),
        (
            "a token alone",
            "session_token_env = 'OTHER_TOKEN'",
            "mounts.s3.session_token_env: needs access_key_id_env",
        ),
        (
            "keys and a profile",
            "access_key_id_env = 'OTHER_ID'\nsecret_access_key_env = 'OTHER_KEY'\nprofile = 'x'",
            "mounts.s3.profile: contradicts ",
        ),
        (
            "keys and a role",
            "access_key_id_env = 'OTHER_ID'\nsecret_access_key_env = 'OTHER_KEY'\nrole_arn = 'x'",
            "mounts.s3.role_arn: contradicts ",
        ),
        (
            "a secret as id",
            "access_key_id_env = 'BAD_ID'\nsecret_access_key_env = 'OTHER_KEY'",
            "mounts.s3.access_key_id_env: must consist of letters",
        ),
        (
            "addressing",
            "addressing = 'host'",
            "mounts.s3.addressing: \"host\" is not one of: path, virtual",
        ),
        (
            "virtual at an address",
            "endpoint_url = 'http://127.0.0.1:9000'\naddressing = 'virtual'",
            "mounts.s3.addressing: 127.0.0.1 is an IP address",
        ),
        (
            "no authorities",
            "ca_file = '/no-such.pem'",
            "mounts.s3.ca_file: /no-such.pem: ",
        ),
        (
            "no PEM",
            "ca_file = '/dev/null'",
            "mounts.s3.ca_file: /dev/null: the PEM has no certificate",
        ),
    ] {
        let bad = ("BAD_ID", "s3cr3tkey/");
        let variables: Vec<_> = KEYS.into_iter().chain([bad]).collect();
        let found = problems(name, read_file(&mount("/", lines), &[], &variables));
        assert!(found[0].contains(problem), "{name}: {found:?}");
    }
    let bundle = read_file(&mount("/", ""), &[], &[("AWS_CA_BUNDLE", "/no-such.pem")]);
    let found = problems("bundle", bundle);
    assert!(
        found[0].starts_with("AWS_CA_BUNDLE (environment): /no-such.pem: "),
        "{found:?}"
    );
}

use serde_json::json;

use super::*;

fn claims(claims: &Value) -> ClaimSet {
    ClaimSet::from_object(claims.as_object().unwrap().clone())
}

fn groups(names: &[&str]) -> ClaimPath {
    ClaimPath::new(names.iter().copied()).unwrap()
}

#[test]
fn verified_addresses_and_domains_admit() {
    let list = AllowList::new()
        .with_emails(["Alice@Example.org", "bob@other.example"])
        .unwrap();
    let list = list.with_domains(["Example.com"]).unwrap();
    let other = "the e-mail address is not allowed";
    let malformed = "the e-mail address is malformed";
    for (name, email, refusal) in [
        ("an address", json!("alice@example.org"), None),
        ("in capitals", json!("ALICE@EXAMPLE.ORG"), None),
        (
            "another of its domain",
            json!("carol@example.org"),
            Some(other),
        ),
        ("a domain", json!("carol@example.com"), None),
        ("a domain in capitals", json!("carol@EXAMPLE.COM"), None),
        (
            "a domain within it",
            json!("carol@mail.example.com"),
            Some(other),
        ),
        (
            "a domain that ends like it",
            json!("carol@notexample.com"),
            Some(other),
        ),
        (
            "a domain that begins like it",
            json!("carol@example.com.evil.example"),
            Some(other),
        ),
        ("a dot at its end", json!("carol@example.com."), Some(other)),
        (
            "two at signs: oauth2-proxy GHSA-c5c4-8r6x-56w3",
            json!("carol@evil.example@example.com"),
            Some(malformed),
        ),
        (
            "in quotes",
            json!("\"carol@evil.example\"@example.com"),
            Some(malformed),
        ),
        (
            "two at signs in a row",
            json!("carol@@example.com"),
            Some(malformed),
        ),
        ("no local part", json!("@example.com"), Some(malformed)),
        ("no domain", json!("carol@"), Some(malformed)),
        ("a domain alone", json!("example.com"), Some(malformed)),
        (
            "a blank before it",
            json!(" alice@example.org"),
            Some(malformed),
        ),
        (
            "a line feed behind it",
            json!("alice@example.org\n"),
            Some(malformed),
        ),
        ("NUL", json!("carol\0@example.com"), Some(malformed)),
        (
            "letters that fold to it",
            json!("carol@exam\u{440}le.com"),
            Some(other),
        ),
        (
            "a Kelvin sign, which lower-cases to k",
            json!("bob@other.example\u{212a}"),
            Some(other),
        ),
        ("nothing", json!(""), Some(malformed)),
        (
            "a list",
            json!(["alice@example.org"]),
            Some("the provider sent no e-mail address"),
        ),
        (
            "null",
            Value::Null,
            Some("the provider sent no e-mail address"),
        ),
    ] {
        let verified = claims(&json!({"email": email, "email_verified": true}));
        assert_eq!(list.refusal(&verified, &[]), refusal, "{name}");
    }
}

#[test]
fn an_address_must_be_verified() {
    let list = AllowList::new().with_emails(["alice@example.org"]).unwrap();
    let insecure = list.clone().with_insecure_unverified_emails();
    let unverified = "the e-mail address is not verified";
    let other = "the e-mail address is not allowed";
    for (name, verified, refusal, by_insecure) in [
        ("true", json!(true), None, None),
        ("the word", json!("true"), None, None),
        ("false", json!(false), Some(unverified), Some(unverified)),
        (
            "the word for it",
            json!("false"),
            Some(unverified),
            Some(unverified),
        ),
        ("one", json!(1), Some(unverified), Some(unverified)),
        ("null", Value::Null, Some(unverified), Some(unverified)),
        ("a list", json!([true]), Some(unverified), Some(unverified)),
    ] {
        let claims = claims(&json!({"email": "alice@example.org", "email_verified": verified}));
        assert_eq!(list.refusal(&claims, &[]), refusal, "{name}");
        assert_eq!(insecure.refusal(&claims, &[]), by_insecure, "{name}");
    }
    let unsaid = claims(&json!({"email": "alice@example.org"}));
    assert_eq!(list.refusal(&unsaid, &[]), Some(unverified));
    assert_eq!(insecure.refusal(&unsaid, &[]), None);
    let stranger = claims(&json!({"email": "carol@example.org"}));
    assert_eq!(insecure.refusal(&stranger, &[]), Some(other));
}

#[test]
fn groups_come_from_their_claim() {
    let list = AllowList::new()
        .with_groups(groups(&["realm", "roles"]), ["readers", "staff"])
        .unwrap();
    let list = list.with_groups(groups(&["group"]), ["guests"]).unwrap();
    let refusal = Some("the person is in no allowed group");
    for (name, held, expected) in [
        (
            "one of a list",
            json!({"realm": {"roles": ["others", "staff"]}}),
            None,
        ),
        ("a word", json!({"realm": {"roles": "readers"}}), None),
        ("by another claim", json!({"group": "guests"}), None),
        ("of another claim", json!({"group": "readers"}), refusal),
        ("others", json!({"realm": {"roles": ["others"]}}), refusal),
        (
            "words in one",
            json!({"realm": {"roles": "readers staff"}}),
            refusal,
        ),
        (
            "capitals",
            json!({"realm": {"roles": ["Readers"]}}),
            refusal,
        ),
        (
            "a longer name",
            json!({"realm": {"roles": ["readers2"]}}),
            refusal,
        ),
        (
            "a list in a list",
            json!({"realm": {"roles": [["readers"]]}}),
            refusal,
        ),
        (
            "members",
            json!({"realm": {"roles": {"readers": true}}}),
            refusal,
        ),
        (
            "beside a value that is not a name",
            json!({"realm": {"roles": [1, null, "readers"]}}),
            None,
        ),
        ("none", json!({"realm": {"roles": []}}), refusal),
        ("no claim", json!({}), refusal),
    ] {
        assert_eq!(list.refusal(&claims(&held), &[]), expected, "{name}");
    }
}

#[test]
fn every_scope_must_be_granted() {
    let list = AllowList::new()
        .with_scopes(["read", "files:list"])
        .unwrap();
    for (name, scopes, may) in [
        ("both", &["files:list", "read"][..], true),
        ("and more", &["files:list", "write", "read"], true),
        ("one", &["read"], false),
        ("both in one", &["read files:list"], false),
        ("a longer one", &["read", "files:list:all"], false),
        ("none", &[], false),
    ] {
        let scopes: Vec<_> = scopes.iter().copied().map(str::to_owned).collect();
        let refusal = list.refusal(&claims(&json!({})), &scopes);
        assert_eq!(refusal.is_none(), may, "{name}: {refusal:?}");
    }
}

#[test]
fn all_rules_must_be_met() {
    let list = AllowList::new().with_domains(["example.com"]).unwrap();
    let list = list.with_groups(groups(&["groups"]), ["readers"]).unwrap();
    let list = list.with_scopes(["read"]).unwrap();
    for (name, email, group, scope, expected) in [
        ("all", "a@example.com", "readers", "read", None),
        (
            "not the e-mail",
            "a@example.org",
            "readers",
            "read",
            Some("the e-mail address is not allowed"),
        ),
        (
            "not the group",
            "a@example.com",
            "others",
            "read",
            Some("the person is in no allowed group"),
        ),
        (
            "not the scope",
            "a@example.com",
            "readers",
            "write",
            Some("a required scope was not granted"),
        ),
    ] {
        let claims = claims(&json!({"email": email, "email_verified": true, "groups": [group]}));
        assert_eq!(
            list.refusal(&claims, &[scope.to_owned()]),
            expected,
            "{name}"
        );
    }
    let nothing = claims(&json!({}));
    assert_eq!(AllowList::everyone().refusal(&nothing, &[]), None);
    assert_eq!(
        AllowList::new().refusal(&nothing, &[]),
        Some("the allow-list is empty")
    );
    let insecure = AllowList::new().with_insecure_unverified_emails();
    assert_eq!(
        insecure.refusal(&nothing, &[]),
        Some("the allow-list is empty")
    );
}

#[test]
fn an_empty_list_is_refused() {
    let list = AllowList::new;
    let claim = || groups(&["groups"]);
    for (name, refused, setting, problem) in [
        (
            "no e-mails",
            list().with_emails([""; 0]),
            "allowed e-mails",
            "must not be empty",
        ),
        (
            "a malformed e-mail",
            list().with_emails(["a@b", "c"]),
            "allowed e-mails",
            "\"c\" must have the form local@domain",
        ),
        (
            "a domain for an e-mail",
            list().with_emails(["@example.com"]),
            "allowed e-mails",
            "\"@example.com\" must have the form local@domain",
        ),
        (
            "no domains",
            list().with_domains([""; 0]),
            "allowed domains",
            "must not be empty",
        ),
        (
            "an e-mail for a domain",
            list().with_domains(["a@b.example"]),
            "allowed domains",
            "\"a@b.example\" is not a domain, such as example.com",
        ),
        (
            "a wildcard",
            list().with_domains(["*.example.com"]),
            "allowed domains",
            "\"*.example.com\" is not a domain, such as example.com",
        ),
        (
            "a dot before it",
            list().with_domains([".example.com"]),
            "allowed domains",
            "\".example.com\" is not a domain, such as example.com",
        ),
        (
            "an empty domain",
            list().with_domains([""]),
            "allowed domains",
            "\"\" is not a domain, such as example.com",
        ),
        (
            "no groups",
            list().with_groups(claim(), [""; 0]),
            "allowed groups",
            "must not be empty",
        ),
        (
            "an empty group",
            list().with_groups(claim(), [""]),
            "allowed groups",
            "must not contain an empty name",
        ),
        (
            "no scopes",
            list().with_scopes([""; 0]),
            "allowed scopes",
            "must not be empty",
        ),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(
            (error.setting(), error.problem()),
            (setting, problem),
            "{name}"
        );
    }
    let error = list().with_scopes(["two words"]).unwrap_err();
    assert_eq!(error.setting(), "allowed scopes");
}

#[test]
fn groups_left_out_by_the_provider_are_named() {
    let list = AllowList::new();
    let list = list.with_groups(groups(&["groups"]), ["readers"]).unwrap();
    let (left_out, in_none) = ("left out the groups", "in no allowed group");
    let pointer = json!({"groups": "src1"});
    for (name, person, expected) in [
        ("a pointer", json!({"_claim_names": pointer}), left_out),
        (
            "a pointer to another claim",
            json!({"_claim_names": {"address": "src1"}}),
            in_none,
        ),
        (
            "other groups, and a pointer",
            json!({"groups": ["writers"], "_claim_names": pointer}),
            in_none,
        ),
        ("no groups", json!({}), in_none),
        ("no object", json!({"_claim_names": "groups"}), in_none),
    ] {
        let refusal = list.refusal(&claims(&person), &[]).unwrap();
        assert!(refusal.contains(expected), "{name}: {refusal}");
    }
    let both = json!({"groups": ["readers"], "_claim_names": pointer});
    assert_eq!(list.refusal(&claims(&both), &[]), None);
}

#[test]
fn only_what_the_list_reads_is_kept() {
    let person = claims(&json!({
        "sub": "u-1", "name": "Ana", "email": "ana@example.com", "email_verified": true,
        "groups": ["a", "readers", 7, "writers"], "realm": {"roles": ["x", "admin"], "more": 1},
        "team": "readers",
    }));
    let none = AllowList::new;
    let with = |names: &[&str], group: &str| none().with_groups(groups(names), [group]).unwrap();
    for (name, list, expected) in [
        ("everyone", AllowList::everyone(), json!({})),
        ("scopes", none().with_scopes(["a"]).unwrap(), json!({})),
        (
            "a domain",
            none().with_domains(["example.com"]).unwrap(),
            json!({"email": "ana@example.com", "email_verified": true}),
        ),
        (
            "groups",
            with(&["groups"], "readers"),
            json!({"groups": ["readers"]}),
        ),
        (
            "one group",
            with(&["team"], "readers"),
            json!({"team": ["readers"]}),
        ),
        (
            "further in",
            with(&["realm", "roles"], "admin"),
            json!({"realm": {"roles": ["admin"]}}),
        ),
        ("in no group", with(&["groups"], "x"), json!({"groups": []})),
        ("an absent claim", with(&["teams"], "x"), json!({})),
    ] {
        let kept = list.kept(&person);
        assert_eq!(Value::Object(kept.clone()), expected, "{name}");
        // It is judged as the whole is.
        let kept = ClaimSet::from_object(kept);
        assert_eq!(
            list.refusal(&kept, &[]),
            list.refusal(&person, &[]),
            "{name}"
        );
    }
}

use std::collections::HashSet;

use portcullis::token::TokenFormat;

use super::{LETTERS, ZEROS};

#[test]
fn tokens_made_elsewhere_are_recognised() {
    for token in [
        ZEROS,
        LETTERS,
        "pcl-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz0knwuT",
        "pcl-0123456789ABCDEFGHIJKLMNOPQRST0vwYjf",
        // A small checksum is filled up with zeros.
        "pcl-000000000000000000000000005617000YVE",
        "acme-0123456789ABCDEFGHIJKLMNOPQRST1S0pTR",
        "a1-n0T7aSECReTn0T7aSECReTn0T7aSEC1n7GMh",
        "abcdefghijklmnop-9999999999999999999999999999990JzYDL",
    ] {
        let prefix = token.split('-').next().unwrap();
        assert!(
            TokenFormat::new(prefix).unwrap().recognise(token),
            "{token}"
        );
        let is_default = TokenFormat::default().recognise(token);
        assert_eq!(is_default, prefix == "pcl", "{token}");
    }
}

#[test]
fn tokens_match_those_of_another_implementation() {
    let mut next = 230_u8;
    let token = TokenFormat::default().generate_from(|bytes| {
        for byte in bytes {
            *byte = next;
            next = next.wrapping_add(1);
        }
    });
    assert_eq!(token.expose(), "pcl-ijklmnopqrstuvwxyz0123456789AB21Hi6T");
}

#[test]
fn bytes_that_favour_a_character_are_drawn_again() {
    let mut asked = 0;
    let token = TokenFormat::default().generate_from(|bytes| {
        asked += 1;
        bytes.fill(if asked < 3 { 255 } else { 0 });
    });
    assert_eq!(asked, 3);
    assert_eq!(token.expose(), ZEROS);
}

#[test]
fn no_other_shape_is_a_token() {
    let format = TokenFormat::default();
    assert!(format.recognise(ZEROS));
    let body = &ZEROS[4..];
    for (name, token) in [
        ("nothing", String::new()),
        ("the prefix alone", "pcl-".into()),
        ("no prefix", body.into()),
        ("no dash", format!("pcl{body}")),
        ("another mark", format!("pcl_{body}")),
        ("a capital in the prefix", format!("Pcl-{body}")),
        ("the prefix twice", format!("pcl-pcl-{body}")),
        ("one short", ZEROS[..ZEROS.len() - 1].into()),
        ("one more", format!("{ZEROS}0")),
        ("a space before", format!(" {ZEROS}")),
        ("a line feed behind", format!("{ZEROS}\n")),
        ("a zero fewer", format!("pcl-{}", &body[1..])),
        // The sign would be right for a number, and is not in the alphabet.
        (
            "a sign in the checksum",
            format!("pcl-{}+IZszq", &body[..30]),
        ),
        ("a dash in the middle", format!("pcl-0-{}", &body[2..])),
        // As many bytes, of two characters fewer.
        ("another alphabet", format!("pcl-éé{}", &body[4..])),
        ("as many characters", format!("pcl-é{}", &body[1..])),
        (
            "one random character more, with its checksum",
            "pcl-00000000000000000000000000000001G3Wiz".into(),
        ),
        (
            "one fewer, with its checksum",
            "pcl-000000000000000000000000000000mnQCY".into(),
        ),
        (
            "a mark among them, with its checksum",
            "pcl-00000000000000000000000000000_1vNEqh".into(),
        ),
        (
            "a dash among them, with its checksum",
            "pcl-0-0000000000000000000000000000357VCC".into(),
        ),
        (
            "another prefix's checksum",
            "pcl-0000000000000000000000000000003fVwpc".into(),
        ),
        ("a JWT", "eyJhbGciOiJub25lIn0.e30.e30".into()),
        (
            "a GitHub token",
            "ghp_0000000000000000000000000000000000".into(),
        ),
    ] {
        assert!(!format.recognise(&token), "{name}: {token}");
    }
}

#[test]
fn no_change_of_one_character_is_a_token() {
    let format = TokenFormat::default();
    for token in [ZEROS, LETTERS] {
        for i in 0..token.len() {
            for other in (0..0x7F).map(char::from) {
                let changed = format!("{}{other}{}", &token[..i], &token[i + 1..]);
                assert_eq!(format.recognise(&changed), changed == token, "{changed}");
            }
        }
    }
}

#[test]
fn a_new_token_is_recognised_and_no_other() {
    let format = TokenFormat::new("acme").unwrap();
    let tokens: HashSet<_> = (0..1000)
        .map(|_| {
            let token = format.generate();
            assert!(format.recognise(token.expose()));
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(token.expose().bytes().all(plain), "conda takes no more");
            token.expose().to_owned()
        })
        .collect();
    assert_eq!(tokens.len(), 1000);
}

#[test]
fn a_prefix_is_of_small_letters_and_digits() {
    for (prefix, good) in [
        ("pcl", true),
        ("ab", true),
        ("a1", true),
        ("abcdefghijklmnop", true),
        ("abcdefghijklmnopq", false),
        ("a", false),
        ("", false),
        ("1a", false),
        ("Ab", false),
        ("a-b", false),
        ("a_b", false),
        ("aé", false),
    ] {
        let format = TokenFormat::new(prefix);
        assert_eq!(format.is_ok(), good, "{prefix}");
        match format {
            Ok(format) => assert_eq!(format.prefix(), prefix),
            Err(error) => assert_eq!(error.setting(), "token prefix"),
        }
    }
}

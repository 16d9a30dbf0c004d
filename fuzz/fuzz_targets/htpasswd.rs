//! htpasswd files against a slow twin. The first line of the input is a password to try, the others
//! are the file, in which plain passwords are allowed.
//!
//! The twin knows the format of every line and computes the cheap hashes itself. It knows only the
//! prefixes of the costly schemes; a file with one of those is parsed but not checked.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use md5::{Digest, Md5};
use portcullis::fuzzing::htpasswd_admits;
use portcullis::htpasswd::{HtpasswdErrorKind as Kind, HtpasswdTable};
use sha1::Sha1;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|&byte| byte == b'\n') else {
        return;
    };
    let Ok(password) = std::str::from_utf8(&data[..end]) else {
        return;
    };
    let file = &data[end + 1..];
    let table = HtpasswdTable::insecure_parse_with_plain(file);
    if let Err(error) = &table {
        is_silent(error, file);
    }
    // A file that is accepted without plain passwords means the same with them.
    match HtpasswdTable::parse(file) {
        Ok(strict) => assert_eq!(strict.len(), table.as_ref().unwrap().len()),
        Err(error) if error.kind() != Kind::PlainPassword => {
            let lax = table.as_ref().unwrap_err();
            assert!(error.line() <= lax.line());
        }
        Err(_) => {}
    }
    match (twin(file), table) {
        (Ok(users), Ok(table)) => {
            assert_eq!(table.len(), users.len());
            let cheap = users.values().all(|hash| !matches!(hash, Hash::Costly));
            if !cheap || users.is_empty() || password.is_empty() || password.len() > 255 {
                return;
            }
            for name in users.keys().map(String::as_str).chain(["unknown"]).take(4) {
                let expected = users.get(name).is_some_and(|hash| hash.is_of(password));
                assert_eq!(htpasswd_admits(&table, name, password), expected, "{name}");
            }
        }
        (Err(line), Err(error)) => {
            // The library may refuse a hash that the twin accepts unread.
            assert!(error.line().unwrap() <= line || error.kind() == Kind::TooManyCosts);
        }
        (Ok(users), Err(error)) => {
            let trusted = users.values().any(|hash| matches!(hash, Hash::Costly));
            assert!(trusted, "{error}");
        }
        (Err(line), Ok(_)) => panic!("line {line} should have been refused"),
    }
});

/// An error must not repeat any part of the file that is long enough to be recognised.
fn is_silent(error: &portcullis::htpasswd::HtpasswdError, file: &[u8]) {
    let told = format!("{error} {error:?}");
    let own = [
        "argon2id",
        "argon2,",
        "supported",
        "malformed",
        "implementation",
        "character",
        "MalformedHash",
        "UnsupportedScheme",
        "ControlCharacter",
        "CostOutOfRange",
    ];
    for word in String::from_utf8_lossy(file).split([':', '\n', '$', ' ', '{', '}', '"']) {
        let among_own = own.iter().any(|own| own.contains(word));
        // The file may contain words of the message.
        let plain = word.bytes().all(|byte| byte.is_ascii_alphabetic());
        assert!(
            word.len() < 12 || plain || among_own || !told.contains(word),
            "{told}"
        );
    }
}

enum Hash {
    Plain(String),
    Sha1 {
        digest: Vec<u8>,
        salt: Vec<u8>,
    },
    Apr1 {
        salt: String,
        text: String,
    },
    /// The prefix of a costly scheme; the rest is accepted unread.
    Costly,
}

/// The users, or the number of the first bad line.
fn twin(file: &[u8]) -> Result<BTreeMap<String, Hash>, usize> {
    let mut users = BTreeMap::new();
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    for (i, line) in file.split(|&byte| byte == b'\n').enumerate() {
        let line = twin_line(line).ok_or(i + 1)?;
        if let Some((name, hash)) = line
            && users.insert(name, hash).is_some()
        {
            return Err(i + 1);
        }
    }
    Ok(users)
}

fn twin_line(line: &[u8]) -> Option<Option<(String, Hash)>> {
    let mut line: Vec<char> = std::str::from_utf8(line).ok()?.chars().collect();
    let is_space = |c: char| c == ' ' || ('\t'..='\r').contains(&c);
    while line.last().is_some_and(|&c| is_space(c)) {
        line.pop();
    }
    while line.first().is_some_and(|&c| is_space(c)) {
        line.remove(0);
    }
    if line.is_empty() || line[0] == '#' {
        return Some(None);
    }
    if line.iter().any(|&c| c < ' ' || c == '\x7f') {
        return None;
    }
    let colon = line.iter().position(|&c| c == ':')?;
    let name: String = line[..colon].iter().collect();
    let rest: String = line[colon + 1..].iter().collect();
    if name.is_empty() || name.ends_with(' ') {
        return None;
    }
    Some(Some((name, twin_hash(&rest)?)))
}

fn twin_hash(rest: &str) -> Option<Hash> {
    if let Some(password) = rest.strip_prefix("{PLAIN}") {
        return (!password.is_empty()).then(|| Hash::Plain(password.to_owned()));
    }
    if let Some(json) = rest.strip_prefix("{S3PYPI}") {
        let record: serde_json::Value = serde_json::from_str(json).ok()?;
        let record = record.as_object().filter(|record| record.len() == 2)?;
        let salt = record.get("password_salt")?.as_str()?.as_bytes().to_vec();
        let hex = record.get("password_hash")?.as_str()?.to_ascii_lowercase();
        let digits = "0123456789abcdef";
        let values: Option<Vec<usize>> = hex.chars().map(|c| digits.find(c)).collect();
        let digest: Vec<u8> = values?
            .chunks(2)
            .map(|d| (d[0] * 16 + d[d.len() - 1]) as u8)
            .collect();
        return (hex.len() == 40 && !salt.is_empty()).then_some(Hash::Sha1 { digest, salt });
    }
    let hash = &rest[..rest.find(':').unwrap_or(rest.len())];
    if let Some(encoded) = hash.strip_prefix("{SHA}") {
        let digest = from_base64(encoded)?;
        return (digest.len() == 20).then_some(Hash::Sha1 {
            digest,
            salt: Vec::new(),
        });
    }
    if let Some(encoded) = hash.strip_prefix("{SSHA}") {
        let mut digest = from_base64(encoded)?;
        let salt = digest.split_off(20.min(digest.len()));
        return (1..=64)
            .contains(&salt.len())
            .then_some(Hash::Sha1 { digest, salt });
    }
    if let Some(rest) = hash.strip_prefix("$apr1$") {
        let (salt, text) = rest.split_once('$')?;
        let letters = |text: &str| text.bytes().all(|byte| CRYPT.contains(&byte));
        // The last two characters encode one byte, so the last one is at most 3.
        let good = (1..=8).contains(&salt.len())
            && letters(salt)
            && text.len() == 22
            && letters(text)
            && b"./01".contains(&text.as_bytes()[21]);
        let (salt, text) = (salt.to_owned(), text.to_owned());
        return good.then_some(Hash::Apr1 { salt, text });
    }
    let heads = ["$2a$", "$2b$", "$2y$", "$5$", "$6$", "$argon2id$"];
    let costly = heads.iter().any(|head| hash.starts_with(head));
    costly.then_some(Hash::Costly)
}

impl Hash {
    fn is_of(&self, password: &str) -> bool {
        match self {
            Self::Plain(plain) => plain == password,
            Self::Sha1 { digest, salt } => {
                let input = [password.as_bytes(), salt].concat();
                Sha1::digest(input)[..] == digest[..]
            }
            Self::Apr1 { salt, text } => apr1(password.as_bytes(), salt) == *text,
            Self::Costly => unreachable!("not asked"),
        }
    }
}

const CRYPT: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Apache's MD5, which concatenates each input first and compares encoded digests.
fn apr1(password: &[u8], salt: &str) -> String {
    let salt = salt.as_bytes();
    let inner = Md5::digest([password, salt, password].concat());
    let mut input = [password, b"$apr1$", salt].concat();
    input.extend(inner.iter().cycle().take(password.len()));
    let bits = format!("{:b}", password.len());
    input.extend(
        bits.chars()
            .rev()
            .map(|bit| if bit == '1' { 0 } else { password[0] }),
    );
    let mut digest = Md5::digest(input).to_vec();
    for round in 0..1000 {
        let odd = round % 2 == 1;
        let mut input = if odd {
            password.to_vec()
        } else {
            digest.clone()
        };
        if round % 3 > 0 {
            input.extend(salt);
        }
        if round % 7 > 0 {
            input.extend(password);
        }
        input.extend(if odd { &digest[..] } else { password });
        digest = Md5::digest(input).to_vec();
    }
    let mut text = String::new();
    for (a, b, c) in [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)] {
        let number =
            usize::from(digest[a]) << 16 | usize::from(digest[b]) << 8 | usize::from(digest[c]);
        text.extend((0..4).map(|i| char::from(CRYPT[number >> (6 * i) & 63])));
    }
    let last = usize::from(digest[11]);
    text.extend([last & 63, last >> 6].map(|i| char::from(CRYPT[i])));
    text
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes bit by bit, and accepts only input that is padded to fours without trailing bits.
fn from_base64(encoded: &str) -> Option<Vec<u8>> {
    let letters = encoded.trim_end_matches('=');
    let padding = encoded.len() - letters.len();
    let mut bits = Vec::new();
    for byte in letters.bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    let whole = bits.len() / 8 * 8;
    let good = encoded.len().is_multiple_of(4) && padding < 3 && bits.len() - whole < 6;
    let none_left = bits[whole..].iter().all(|bit| !bit);
    let number = |bits: &[bool]| bits.iter().fold(0, |sum, &bit| sum * 2 + u8::from(bit));
    (good && none_left).then(|| bits[..whole].chunks(8).map(number).collect())
}

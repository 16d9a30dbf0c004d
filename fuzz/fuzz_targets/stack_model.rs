//! Who may read what of the stack in `whole_stack.rs`, by readers of its own: of paths, of mounts and of
//! credentials.

use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;
use http::{HeaderValue, Method};

/// The people and machines that the stack knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    /// A user with the scope `wheels:read`.
    Ana,
    /// A user without scopes.
    Ben,
    /// The subject of a JWT, or the owner of a token, with the scope `conda:read`.
    Jo,
    Robot,
    /// The same without that scope.
    Jim,
    Lathe,
}

/// Where a credential was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    Bearer,
    Password,
    Path,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mount {
    Root,
    Wheels,
    Conda,
    Open,
    Shut,
}

pub const MOUNTS: [Mount; 5] = [
    Mount::Root,
    Mount::Wheels,
    Mount::Conda,
    Mount::Open,
    Mount::Shut,
];

impl Mount {
    /// Its path, without the slash at its end.
    pub fn path(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Wheels => "/wheels",
            Self::Conda => "/conda",
            Self::Open => "/open",
            Self::Shut => "/open/shut",
        }
    }

    /// The prefix of its keys.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Root => "of-root/",
            Self::Wheels => "of-wheels/",
            Self::Conda => "of-conda/",
            Self::Open => "of-open/",
            Self::Shut => "of-shut/",
        }
    }

    fn of(path: &str) -> Self {
        let inside = |mount: &Mount| {
            let rest = path.strip_prefix(mount.path());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let around = MOUNTS.into_iter().filter(inside);
        around.max_by_key(|mount| mount.path().len()).expect("root")
    }

    /// Whether this credential opens it.
    fn opens_to(self, who: Who, place: Place) -> bool {
        let is_password = place == Place::Password;
        match (self, who) {
            (Self::Open, _) => true,
            (Self::Root | Self::Shut, Who::Ana | Who::Ben) => is_password,
            (Self::Wheels, Who::Ana) => is_password,
            (Self::Conda, Who::Jo) | (Self::Shut, Who::Jo | Who::Jim) => place != Place::Path,
            (Self::Conda, Who::Robot) => true,
            _ => false,
        }
    }
}

/// What the model knows of a request.
#[derive(Debug)]
pub enum Judged {
    /// The path is unsafe, or has a malformed token or two.
    BadPath,
    /// The request does not name one host.
    BadHost,
    /// No mount has this path.
    Nowhere,
    At(Visit),
}

#[derive(Debug)]
pub struct Visit {
    pub mount: Mount,
    /// The decoded path, after a token was taken out of it.
    pub path: String,
    /// Whether some credential of the request opens the mount, or none is needed.
    pub may: bool,
    /// Whether the request must be admitted: it has this one credential only.
    pub must: bool,
    pub is_public: bool,
    /// The keys that S3 may be asked for, in this order.
    pub keys: Vec<String>,
}

pub const NOT_FOUND: &str = "404.html";

/// `known` recognises a whole token or JWT, or a user with a password.
pub fn judge(
    head: &Parts,
    known_token: impl Fn(&str) -> Option<Who>,
    known_user: impl Fn(&str, &str) -> Option<Who>,
) -> Judged {
    let Some(path) = decoded(head.uri.path()) else {
        return Judged::BadPath;
    };
    let Some((token, path)) = without_token(&path) else {
        return Judged::BadPath;
    };
    let host = names_a_host(head);
    if host == Some(false) {
        return Judged::BadHost;
    }
    let mount = Mount::of(&path);
    if Mount::of(&collapsed(&path)) != mount {
        return Judged::Nowhere;
    }
    let mut found = Vec::new();
    let fields: Vec<_> = head.headers.get_all(AUTHORIZATION).iter().collect();
    if let [field] = fields[..] {
        found.extend(of_field(field, &known_token, known_user));
    }
    if let Some(who) = token.as_deref().and_then(&known_token) {
        found.push((who, Place::Path));
    }
    let opens = |&(who, place): &(Who, Place)| mount.opens_to(who, place);
    let is_read = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&head.method);
    let is_public = mount == Mount::Root && path == "/robots.txt" && is_read;
    let is_free = is_public || mount == Mount::Open;
    let carriers = fields.len() + usize::from(token.is_some());
    Judged::At(Visit {
        may: is_free || found.iter().any(opens),
        must: host.is_some() && (is_free || carriers == 1 && found.iter().any(opens)),
        is_public,
        keys: keys(mount, &path, &head.method),
        mount,
        path,
    })
}

/// Whether a request of HTTP/1.1 has one `Host` field with a name and perhaps a port (RFC 9112 section
/// 3.2), and no user in its target. `None` for a field that only the whole grammar can judge.
fn names_a_host(head: &Parts) -> Option<bool> {
    let fields: Vec<_> = head.headers.get_all(HOST).iter().collect();
    let authority = head.uri.authority().map_or("", |it| it.as_str());
    let [field] = fields[..] else {
        return Some(false);
    };
    let field = field.as_bytes();
    if authority.contains('@')
        || field.is_empty()
        || field.iter().any(|it| b"/?#@ \\\t".contains(it))
    {
        return Some(false);
    }
    let text = std::str::from_utf8(field).ok()?;
    let (name, port) = text.split_once(':').unwrap_or((text, "80"));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let is_port = port.chars().all(|c| c.is_ascii_digit()) && (1..=4).contains(&port.len());
    (!name.is_empty() && name.chars().all(is_plain) && is_port).then_some(true)
}

fn keys(mount: Mount, path: &str, method: &Method) -> Vec<String> {
    let below = path[mount.path().len()..].strip_prefix('/');
    let (Some(below), true) = (below, [Method::GET, Method::HEAD].contains(method)) else {
        return vec![];
    };
    let key = |name: &str| [mount.prefix(), name].concat();
    let mut keys = Vec::new();
    if below.is_empty() || below.ends_with('/') {
        keys.extend([key(&format!("{below}index.html")), key(below)]);
    } else if mount == Mount::Open && !below.rsplit('/').next().unwrap_or_default().contains('.') {
        // It is redirected to the folder.
        return vec![];
    } else {
        keys.push(key(below));
    }
    if keys[0].len() > 1024 {
        return vec![];
    }
    if mount == Mount::Open {
        keys.push(key(NOT_FOUND));
    }
    keys
}

/// The bytes of a safe path, without segments `.`.
pub fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = after else {
            return None;
        };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
        rest = after;
    }
    let mut path = String::from_utf8(bytes).ok()?;
    while path.contains("/./") {
        path = path.replace("/./", "/");
    }
    if path.ends_with("/.") {
        path.pop();
    }
    let is_good = |c: char| c >= ' ' && c != '\x7f' && c != '\\';
    let mut segments = path.split('/');
    let begins = segments.next() == Some("");
    let has_dots = segments.any(|segment| segment == "..");
    (begins && path.starts_with('/') && path.chars().all(is_good) && !has_dots).then_some(path)
}

/// The token after `/t` or `/conda/t`, and the path without both. `None` if there are two, or one is
/// malformed.
fn without_token(path: &str) -> Option<(Option<String>, String)> {
    let Some((token, rest)) = token_of(path) else {
        return Some((None, path.to_owned()));
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_good = !token.is_empty() && token.chars().all(is_plain) && token_of(&rest).is_none();
    is_good.then_some((Some(token), rest))
}

fn token_of(path: &str) -> Option<(String, String)> {
    let segments: Vec<&str> = path.split('/').collect();
    let (before, token, after) = match &segments[..] {
        ["", "t", token, after @ ..] => ("", token, after),
        ["", "conda", "t", token, after @ ..] => ("/conda", token, after),
        _ => return None,
    };
    let mut rest = before.to_owned();
    for segment in after {
        rest += "/";
        rest += segment;
    }
    if rest.is_empty() {
        rest += "/";
    }
    Some(((*token).to_owned(), rest))
}

fn collapsed(path: &str) -> String {
    let mut kept = String::new();
    for c in path.chars() {
        if !(c == '/' && kept.ends_with('/')) {
            kept.push(c);
        }
    }
    kept
}

fn of_field(
    field: &HeaderValue,
    known_token: impl Fn(&str) -> Option<Who>,
    known_user: impl Fn(&str, &str) -> Option<Who>,
) -> Vec<(Who, Place)> {
    let Some((scheme, rest)) = field.to_str().ok().and_then(|it| it.split_once(' ')) else {
        return vec![];
    };
    let rest = rest.trim_start_matches(' ');
    match &*scheme.to_lowercase() {
        "bearer" => known_token(rest)
            .into_iter()
            .map(|who| (who, Place::Bearer))
            .collect(),
        "basic" => {
            let text = from_base64(rest).and_then(|bytes| String::from_utf8(bytes).ok());
            let Some((user, password)) = text.as_deref().and_then(|it| it.split_once(':')) else {
                return vec![];
            };
            let who = known_user(user, password).into_iter();
            let has_control = |text: &str| text.chars().any(|c| c.is_ascii_control());
            // A token has no control character, but the user name beside it may.
            let token = known_token(password).filter(|_| !has_control(user));
            who.chain(token).map(|who| (who, Place::Password)).collect()
        }
        _ => vec![],
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0, |bits, &byte| bits << 8 | u32::from(byte));
        let bits = bits << (24 - 8 * group.len());
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place) & 63) as usize;
            let is_padding = place > group.len();
            text.push(if is_padding {
                '='
            } else {
                ALPHABET[sextet].into()
            });
        }
    }
    text
}

/// Decodes text that encodes back to itself.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let sextet = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits = (bits << 6 | sextet as u32) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    (to_base64(&bytes) == text).then_some(bytes)
}

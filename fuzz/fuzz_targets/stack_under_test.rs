//! The stack of `whole_stack.rs`, and everything in it that nobody may see.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::Full;
use portcullis::aws::Credentials;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::{AnyOf, Authenticator, Carrier, InsecureNoAuth, PublicPaths, ScopePolicy};
use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
use portcullis::s3::{Bucket, BucketClient};
use portcullis::token::{Lookup, TokenDigest, TokenFormat, TokenRecord, TokenStore, Tokens};
use portcullis::upstream::RequestBody;
use portcullis::{
    CanonicalPathLayer, Clock, IndexRewriteLayer, JwtScopeLayer, PathTokenLayer, S3Proxy,
    StripPrefixLayer, TokenAuthLayer,
};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, service_fn};

use crate::endpoint::{Endpoint, boxed};
use crate::mount_path::MountPath;
use crate::router::Router;
use crate::stack_model::{MOUNTS, Mount, NOT_FOUND, Who, decoded, to_base64};

const NOW: u64 = 1_700_000_000;
const HMAC_KEY: &str = "the key of this fuzz target, 32+";
const ACCESS_KEY: &str = "AKIDFUZZ";
const SECRET_KEY: &str = "wJalrXUtnFEMIfuzz";
const ANAS: &str = "open sesame";
const BENS: &str = "s3cret:of:ben";

// `{"iss":"https://login.example","aud":"packages","sub":"jo","exp":4102444800,"scope":"conda:read"}`.
const JOS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUiLCJhdWQiOiJwYWNrYWdlcyIsIn\
     N1YiI6ImpvIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImNvbmRhOnJlYWQifQ.x8Py2AqUO8cuyS2l-WH2mW9d4aTsv8TR7rNj\
     dAtfaiM";
// Of `jim`, with `wheels:read`.
const JIMS: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUiLCJhdWQiOiJwYWNrYWdlcyIsI\
     nN1YiI6ImppbSIsImV4cCI6NDEwMjQ0NDgwMCwic2NvcGUiOiJ3aGVlbHM6cmVhZCJ9.2xP3f3Kexhd9sMUjwMZR2-eYSCf0z8zBvY\
     MZ2CUYR8Y";
// Of `jo`, with `exp` 1, and of another key.
const EXPIRED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUiLCJhdWQiOiJwYWNrYWdlcy\
     IsInN1YiI6ImpvIiwiZXhwIjoxLCJzY29wZSI6ImNvbmRhOnJlYWQifQ.rn3-jtXTdJjOuuDoGZ0ZU_fSlm57qFhCDW3tV1CLfIg";
const FORGED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUiLCJhdWQiOiJwYWNrYWdlcyI\
     sInN1YiI6ImpvIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImNvbmRhOnJlYWQifQ._Xrw4J4kO9oM51EktPkHi9h7d2BrOpKX6\
     477lpEP4og";

/// What S3 was asked for: a method and a key, or the list of one key.
pub type Asked = Arc<Mutex<Vec<(Method, Option<String>)>>>;

pub struct Secrets {
    /// A letter, and the credential that `{letter}` stands for.
    credentials: Vec<(u8, String)>,
    /// Of the robot, of one without scopes, of one that is revoked, and of one that is expired.
    tokens: [String; 4],
}

impl Secrets {
    pub fn new() -> Self {
        let tokens = [1, 2, 3, 4].map(|byte| {
            let token = TokenFormat::default().generate_from(|bytes| bytes.fill(byte));
            token.expose().to_owned()
        });
        let basic = |user: &str, password: &str| to_base64(format!("{user}:{password}").as_bytes());
        let [robot, lathe, revoked, old] = tokens.clone();
        let credentials = vec![
            (b'a', basic("ana", ANAS)),
            (b'b', basic("ben", BENS)),
            (b'c', basic("ana", BENS)),
            (b'j', JOS.to_owned()),
            (b'k', JIMS.to_owned()),
            (b'e', EXPIRED.to_owned()),
            (b'f', FORGED.to_owned()),
            (b'J', basic("any", JOS)),
            (b'K', basic("ana", JIMS)),
            (b'T', basic("ben", &robot)),
            (b'U', basic("", &lathe)),
            (b't', robot),
            (b'u', lathe),
            (b'r', revoked),
            (b'o', old),
            (b'p', ANAS.to_owned()),
        ];
        Self {
            credentials,
            tokens,
        }
    }

    /// The text with its credentials.
    pub fn expanded(&self, text: &[u8]) -> Vec<u8> {
        let mut expanded = Vec::with_capacity(text.len());
        let mut rest = text;
        while let [first, after @ ..] = rest {
            let named = match rest {
                [b'{', letter, b'}', ..] => self.credentials.iter().find(|it| it.0 == *letter),
                _ => None,
            };
            if let Some((_, credential)) = named {
                expanded.extend(credential.as_bytes());
                rest = &rest[3..];
            } else {
                expanded.push(*first);
                rest = after;
            }
        }
        expanded
    }

    /// Whose JWT or token this is, if it is good.
    pub fn token(&self, text: &str) -> Option<Who> {
        match text {
            JOS => Some(Who::Jo),
            JIMS => Some(Who::Jim),
            _ if text == self.tokens[0] => Some(Who::Robot),
            _ if text == self.tokens[1] => Some(Who::Lathe),
            _ => None,
        }
    }

    pub fn user(&self, user: &str, password: &str) -> Option<Who> {
        match (user, password) {
            ("ana", ANAS) => Some(Who::Ana),
            ("ben", BENS) => Some(Who::Ben),
            _ => None,
        }
    }

    /// Everything that no answer may have.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let credentials = self.credentials.iter().map(|(_, text)| &**text);
        credentials.chain([BENS, HMAC_KEY, ACCESS_KEY, SECRET_KEY])
    }
}

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }
}

struct Store([TokenDigest; 4]);

impl TokenStore for Store {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        let place = self.0.iter().position(|known| known == digest);
        Lookup::Now(Ok(place.map(|place| match place {
            0 => TokenRecord::new("robot").with_scopes(["conda:read", "other"]),
            1 => TokenRecord::new("lathe").with_scopes(["conda:reader"]),
            2 => TokenRecord::new("robot")
                .with_scopes(["conda:read"])
                .revoked(),
            _ => TokenRecord::new("robot")
                .with_scopes(["conda:read"])
                .with_expires_at(UNIX_EPOCH + Duration::from_secs(NOW)),
        })))
    }
}

/// The gateway as the standalone program stacks it.
pub fn stack<F>(secrets: &Secrets, s3: F) -> Endpoint<()>
where
    F: Fn(Request<RequestBody>) -> Response<Full<Bytes>> + Clone + Send + Sync + 'static,
{
    let endpoint = |mount: Mount| {
        let path = if mount == Mount::Root {
            "/"
        } else {
            mount.path()
        };
        let endpoint = match mount {
            Mount::Root => mounted(mount, basic(false), &s3),
            Mount::Wheels => mounted(mount, basic(true), &s3),
            Mount::Conda => {
                let gate = AnyOf::new((
                    jwts().with_required_scopes(policy("conda:read")),
                    tokens(secrets),
                ));
                mounted(mount, gate.expect("methods"), &s3)
            }
            Mount::Open => mounted(mount, InsecureNoAuth::new(), &s3),
            Mount::Shut => mounted(
                mount,
                AnyOf::new((jwts(), basic(false))).expect("methods"),
                &s3,
            ),
        };
        (MountPath::parse(path).expect("a path"), endpoint)
    };
    let router = Router::new(Vec::new(), MOUNTS.map(endpoint).into());
    let path_tokens = PathTokenLayer::new().with_mount(Mount::Conda.path());
    let stack = ServiceBuilder::new()
        .map_response(boxed)
        .layer(CanonicalPathLayer::new())
        .layer(path_tokens.expect("a mount"))
        .service(router);
    BoxCloneSyncService::new(stack)
}

/// As the program's own: the gate judges the path of the URL, and the leaf sees the path below the mount.
fn mounted<A, F>(mount: Mount, gate: A, s3: &F) -> Endpoint<()>
where
    A: Authenticator + Clone,
    F: Fn(Request<RequestBody>) -> Response<Full<Bytes>> + Clone + Send + Sync + 'static,
{
    let public = (mount == Mount::Root).then_some("/robots%2Etxt");
    let index = IndexRewriteLayer::new().with_folder_object();
    let bucket = Bucket::new("bucket", "eu-west-1").and_then(|it| it.with_prefix(mount.prefix()));
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY).expect("credentials");
    let s3 = s3.clone();
    let client = service_fn(move |request| ready(Ok::<_, Infallible>(s3(request))));
    let client = BucketClient::with_client(client, bucket.expect("a bucket"), credentials);
    let leaf = S3Proxy::new(client.with_clock(Fixed));
    let (index, leaf) = match mount {
        Mount::Open => (
            index.with_slash_redirect(),
            leaf.with_not_found_document(&format!("/{NOT_FOUND}"))
                .expect("a path"),
        ),
        _ => (index, leaf),
    };
    let path = if mount == Mount::Root {
        "/"
    } else {
        mount.path()
    };
    let gate = PublicPaths::new(public, gate).expect("paths");
    let strip = StripPrefixLayer::new(path).expect("a path");
    let stack = ServiceBuilder::new().map_response(boxed).layer(gate);
    match mount {
        // An index rewrite may stand on either side: then the path of the folder is stripped as well.
        Mount::Wheels => BoxCloneSyncService::new(stack.layer(index).layer(strip).service(leaf)),
        _ => BoxCloneSyncService::new(stack.layer(strip).layer(index).service(leaf)),
    }
}

fn basic(requires_wheels: bool) -> BasicAuthLayer {
    let users = FixedUsers::new([("ana", ANAS), ("ben", BENS)]);
    let users = users.and_then(|users| users.with_scopes("ana", ["wheels:read"]));
    let layer = BasicAuthLayer::new("people", users.expect("users")).expect("a realm");
    if requires_wheels {
        return layer.with_required_scopes(policy("wheels:read"));
    }
    layer
}

fn jwts() -> JwtScopeLayer {
    let keys = KeySet::from_hmac_secret(Algorithm::Hs256, HMAC_KEY.as_bytes()).expect("a key");
    let issuer =
        TrustedIssuer::new("https://login.example", ["packages"], keys).expect("an issuer");
    let verifier = JwtVerifier::new([issuer])
        .expect("one issuer")
        .with_clock(Fixed)
        .with_cache_capacity(16);
    JwtScopeLayer::new("packages", verifier).expect("a realm")
}

fn tokens(secrets: &Secrets) -> TokenAuthLayer {
    let digests = secrets
        .tokens
        .each_ref()
        .map(|token| TokenDigest::of(token));
    let tokens = Tokens::new(Store(digests)).with_clock(Fixed);
    let carriers = [
        Carrier::bearer(),
        Carrier::basic_password(),
        Carrier::path_token(),
    ];
    let layer = TokenAuthLayer::new("packages", tokens).expect("a realm");
    let layer = layer.with_carriers(carriers).expect("carriers");
    layer.with_required_scopes(policy("conda:read"))
}

fn policy(scope: &str) -> ScopePolicy {
    ScopePolicy::all_of([scope]).expect("a scope")
}

/// The key that a signed request is for, and `None` for the list of one key.
///
/// Nothing else is signed, and nothing of the client's request beside the range and the preconditions.
pub fn key(head: &Parts) -> Option<String> {
    const SENT: [&str; 9] = [
        "authorization",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "range",
        "x-amz-content-sha256",
        "x-amz-date",
    ];
    for name in head.headers.keys() {
        assert!(SENT.contains(&name.as_str()), "{name} is sent to S3");
    }
    let fields: Vec<_> = head.headers.get_all("authorization").iter().collect();
    let [signature] = fields[..] else {
        panic!("{} signatures", fields.len());
    };
    let begin =
        format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20231114/eu-west-1/s3/aws4_request, ");
    assert!(signature.to_str().is_ok_and(|it| it.starts_with(&begin)));
    const HOST: &str = "bucket.s3.eu-west-1.amazonaws.com";
    assert_eq!(head.headers["host"], HOST);
    assert_eq!(head.uri.scheme_str(), Some("https"));
    assert_eq!(head.uri.authority().map(|it| it.as_str()), Some(HOST));
    if head.uri.path() == "/" {
        let query = head.uri.query().expect("a list has a query");
        assert!(
            query.contains("list-type=2") && query.contains("max-keys=1"),
            "{query}"
        );
        assert_eq!(head.method, Method::GET);
        return None;
    }
    assert_eq!(head.uri.query(), None);
    decoded(head.uri.path()).map(|path| path[1..].to_owned())
}

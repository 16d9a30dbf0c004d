use rustix::process::Signal;

use super::{Browser, CLIENT, CLIENT_SECRET, Idp, KEYS, Program, Redis, Store};

/// The secrets that no log line may contain.
const SECRETS: [&str; 5] = [
    CLIENT_SECRET,
    "t0ken-of-ana",
    "c0de-",
    "r3dispass",
    "session_id=",
];

/// The program with the environment of the OAuth streaming proxy, and the fakes that it needs.
pub(crate) struct StreamingSite {
    pub(crate) program: Program,
    pub(crate) address: String,
    pub(crate) idp: Idp,
    pub(crate) redis: Redis,
    pub(crate) store: Store,
}

impl StreamingSite {
    /// Starts the program, with some variables changed.
    pub(crate) fn start(object: &'static str, changes: &[(&str, &str)]) -> Self {
        let (idp, redis, store) = (Idp::start(), Redis::start(), Store::start(object));
        let sso_url = format!("{}/", idp.url);
        let environment = [
            ("AWS_S3_BUCKET", "wheels"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_S3_HEALTHCHECK_KEY", "health.txt"),
            ("S3_ENDPOINT_URL", &store.url),
            KEYS[0],
            KEYS[1],
            ("SSO_URL", &sso_url),
            ("SSO_CLIENT_ID", CLIENT),
            ("SSO_CLIENT_SECRET", CLIENT_SECRET),
            ("REDIS_ENDPOINT", &redis.url),
        ];
        let environment = environment.into_iter().chain(changes.iter().copied());
        let mut program = Program::start(["--listen", "127.0.0.1:0"], environment);
        let address = program.address();
        Self {
            program,
            address,
            idp,
            redis,
            store,
        }
    }

    /// A browser that requests `https://files.test` through a proxy.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(
            &self.address,
            "Host: files.test\r\nX-Forwarded-Proto: https\r\n",
        )
    }

    /// Stops the program, and checks that its log has no secret.
    pub(crate) fn log(self) -> Vec<String> {
        self.program.signal(Signal::TERM);
        let lines = self.program.output().stderr;
        for line in &lines {
            for secret in SECRETS {
                assert!(!line.contains(secret), "{line}");
            }
            assert!(!line.contains('?'), "{line}");
        }
        lines
    }
}

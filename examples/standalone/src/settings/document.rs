#![expect(
    clippy::doc_markdown,
    reason = "the doc comments of fields are the text of --help, where backticks would show"
)]

use clap::Args;
use serde::{Deserialize, Deserializer};

use crate::given::{Given, document};
use crate::mount::{self, MountDocument};

document! {
    /// The flags without a subcommand.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct ServeFlags {
        /// TOML file with any number of mounts, instead of the flags for one bucket [env: PORTCULLIS_CONFIG].
        #[arg(long, value_name = "FILE")]
        pub(super) config: Option<Given>,
        #[command(flatten)]
        pub(super) mount: mount::Flags,
        #[command(flatten)]
        pub(super) process: Document,
    }
}

document! {
    /// The whole file. Settings of the process can be flags too.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct Document {
        /// Address to listen on: 127.0.0.1:8080, :8080 on all interfaces, unix:/PATH or systemd [env: PORT, on all
        /// interfaces] [default: 127.0.0.1:8080].
        #[arg(long, value_name = "ADDR")]
        pub(super) listen: Option<Given>,
        /// Number of threads that serve requests [default: one for each processor].
        #[arg(long, value_name = "N", allow_hyphen_values = true)]
        #[serde(deserialize_with = "number_as_text")]
        pub(super) workers: Option<Given>,
        #[arg(skip)]
        pub(super) trusted_proxies: Option<Given<Vec<String>>>,
        #[arg(skip)]
        pub(super) proxy_protocol: Option<Given<Vec<String>>>,
        #[command(flatten)]
        pub(super) tls: Tls,
        #[command(flatten)]
        pub(super) log: Log,
        #[arg(skip)]
        pub(super) limits: Limits,
        #[arg(skip)]
        pub(super) shutdown: Shutdown,
        #[arg(skip)]
        pub(super) admin: Admin,
        #[arg(skip)]
        pub(super) health: Health,
        #[arg(skip)]
        pub(super) mounts: Vec<Given<MountDocument>>,
    }
}

document! {
    #[derive(Args)]
    #[group(skip)]
    pub(super) struct Tls {
        /// Certificate chain as PEM, to serve over TLS. It is read again when it changes.
        #[arg(long, value_name = "FILE")]
        pub(super) certfile: Option<Given>,
        /// Key of the certificate as PEM.
        #[arg(long, value_name = "FILE")]
        pub(super) keyfile: Option<Given>,
    }
}

document! {
    #[derive(Args)]
    #[group(skip)]
    pub(super) struct Log {
        /// Format of the log: text or json [default: text].
        #[arg(long = "log-format", value_name = "FORMAT")]
        pub(super) format: Option<Given>,
        /// Requests that are logged: all, errors or off [default: all].
        #[arg(long = "log-requests", value_name = "WHICH")]
        pub(super) requests: Option<Given>,
        #[arg(skip)]
        pub(super) queue_bytes: Option<Given<i64>>,
    }
}

document! {
    pub(super) struct Limits {
        pub(super) header_bytes: Option<Given<i64>>,
        pub(super) header_seconds: Option<Given<i64>>,
        pub(super) idle_seconds: Option<Given<i64>>,
        pub(super) connections: Option<Given<i64>>,
        pub(super) connections_per_network: Option<Given<i64>>,
        pub(super) requests: Option<Given<i64>>,
        pub(super) requests_per_network: Option<Given<i64>>,
        pub(super) requests_per_identity: Option<Given<i64>>,
        pub(super) exchanges: Option<Given<i64>>,
        pub(super) waiting_requests: Option<Given<i64>>,
        pub(super) wait_seconds: Option<Given<i64>>,
        pub(super) password_checks: Option<Given<i64>>,
    }
}

document! {
    pub(super) struct Shutdown {
        pub(super) grace_seconds: Option<Given<i64>>,
        pub(super) deadline_seconds: Option<Given<i64>>,
    }
}

document! {
    pub(super) struct Admin {
        pub(super) listen: Option<Given>,
    }
}

document! {
    pub(super) struct Health {
        pub(super) live: Option<Given>,
        pub(super) ready: Option<Given>,
    }
}

/// Reads a number as the text that a flag would have.
fn number_as_text<'de, D>(deserializer: D) -> Result<Option<Given>, D::Error>
where
    D: Deserializer<'de>,
{
    let number = Option::<Given<i64>>::deserialize(deserializer)?;
    Ok(number.map(|given| given.map(|number| number.to_string())))
}

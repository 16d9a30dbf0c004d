use std::env;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper_util::service::TowerToHyperService;
use portcullis::basic_auth::FixedUsers;
use tokio::net::TcpListener;

use super::bucket::{self, EmbeddedBucket};
use super::data_folder::DataFolder;
use super::instructions::Instructions;
use super::random;
use crate::access_log::{LogFormat, LogRequests};
use crate::error_chain::chain;
use crate::failure::Failure;
use crate::flags::DemoFlags;
use crate::gates::{Access, Gates, Method, basic};
use crate::gateway;
use crate::given::Given;
use crate::leaf::{Leaf, s3};
use crate::listen::{Address, Listener};
use crate::mount::{Cors, Mount, ResponseHeaders};
use crate::mount_path::MountPath;
use crate::server::{Limits, Proxies, Server, ShutdownTimes};
use crate::stack::{Gateway, HealthPaths, Plan, RequestLimits};

const USER: &str = "demo";
/// The port that is tried first, and the number of ports to try.
const FIRST_PORT: u16 = 8080;
const PORTS: u16 = 100;

/// `portcullis demo`: serves a built-in bucket.
pub(crate) fn run(flags: &DemoFlags) -> Result<(), Failure> {
    let data = DataFolder::open(flags.data_dir.as_deref())?;
    let runtime = gateway::runtime(None)?;
    let result = runtime.block_on(serve(flags.listen.as_ref(), &data));
    // Dropped before the folder is removed, so that nothing is written into it any more.
    drop(runtime);
    result
}

async fn serve(listen: Option<&Given>, data: &DataFolder) -> Result<(), Failure> {
    let folder = bucket::fill(data.path()).await;
    let folder = folder.map_err(|error| data.failure(&error))?;
    let (listener, address) = bind(listen).await?;
    let s3 = EmbeddedBucket::start(folder).await.map_err(|error| {
        Failure::running(format!(
            "cannot start the built-in S3 server of the demo: {}",
            chain(&*error)
        ))
    })?;
    let password = random::password().map_err(|error| Failure::running(error.to_string()))?;
    let users = FixedUsers::new([(USER, password.as_str())]).and_then(basic::layer);
    let users = users.map_err(|error| Failure::running(error.to_string()))?;
    let signals = gateway::signals()?;

    let program = env::args_os().next();
    let program = program.as_ref().map(|name| name.to_string_lossy());
    let instructions = Instructions {
        gateway: address,
        s3: s3.address,
        folder: &data.path().join(bucket::NAME),
        user: USER,
        password: &password,
        program: program.as_deref().unwrap_or("portcullis"),
    };
    let mut stdout = io::stdout();
    write!(stdout, "{instructions}")
        .and_then(|()| stdout.flush())
        .map_err(|error| {
            Failure::running(format!("cannot write the instructions to stdout: {error}"))
        })?;
    let access = Access::AnyOf(vec![Method::new(format!("user {USER}"), users)]);
    let log = gateway::access_log(LogFormat::Text, LogRequests::All)?;
    let plan = Plan {
        mounts: vec![mount(access, s3)],
        health: HealthPaths::default(),
        has_admin: false,
        limits: RequestLimits::default(),
        proxies: None,
    };
    let services = Gateway::open(plan);
    let services = services.map_err(|error| Failure::running(error.to_string()))?;
    let server = Server::new(&Limits::default(), Proxies::default(), None);
    let times = ShutdownTimes::default();
    gateway::run(
        server,
        listener,
        signals,
        &times,
        TowerToHyperService::new(services.service(log)),
    )
    .await
}

/// The bucket at the root.
fn mount(access: Access, s3: EmbeddedBucket) -> Mount {
    Mount {
        path: MountPath::ROOT,
        gates: Gates {
            read: access.into(),
        },
        public: Vec::new(),
        headers: ResponseHeaders::default(),
        cors: Cors::default(),
        people: None,
        leaf: Leaf::S3(s3::S3 {
            bucket: s3.bucket,
            store: format!("http://{}", s3.address),
            credentials: Arc::new(s3.credentials),
            client: None,
            health_path: None,
            document: s3::Document::default(),
        }),
    }
}

/// Listens on the given address, or on the first port that is free.
async fn bind(listen: Option<&Given>) -> Result<(Listener, SocketAddr), Failure> {
    if let Some(given) = listen {
        let listener = match Address::of(given)? {
            Address::Unix(_) | Address::Systemd => {
                return Err(given.wrong("the demo needs an address and a port").into());
            }
            address => Listener::open(&address, &given.source).await?,
        };
        return with_address(listener);
    }
    for port in FIRST_PORT..FIRST_PORT + PORTS {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return with_address(Listener::Tcp(listener)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => {
                let problem = format!("cannot listen on port {port}: {error}");
                return Err(Failure::running(problem));
            }
        }
    }
    let last = FIRST_PORT + PORTS - 1;
    let problem = format!("ports {FIRST_PORT} to {last} are in use: choose one with --listen");
    Err(Failure::running(problem))
}

fn with_address(listener: Listener) -> Result<(Listener, SocketAddr), Failure> {
    let address = listener.ip();
    let address =
        address.ok_or_else(|| Failure::running("cannot read the address of the listener"));
    address.map(|address| (listener, address))
}

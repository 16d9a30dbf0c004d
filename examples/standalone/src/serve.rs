use portcullis::s3::BucketClient;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::flags::ServeFlags;
use crate::gateway;
use crate::settings::{Environment, Settings};
use crate::stderr::say;

/// `portcullis` without a subcommand: serves the bucket that the settings name.
pub(crate) fn run(flags: &ServeFlags) -> Result<(), Failure> {
    let settings = Settings::resolve(flags, &Environment::of_process())?;
    let runtime = gateway::runtime(settings.workers)?;
    let result = runtime.block_on(serve(settings));
    // A name that is still being looked up would hold up the end.
    runtime.shutdown_background();
    result
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let bucket = BucketClient::new(settings.bucket, settings.credentials)
        .map_err(|error| Failure::running(error.to_string()))?;
    let (address, source) = (settings.listen, settings.listen_source);
    let taken = |error| Failure::running(format!("{source}: cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let signals = gateway::signals()?;

    if settings.gate.is_none() {
        say("--insecure-no-auth: everyone who reaches the address can read the bucket");
    }
    let served = format!(
        "{}/{}",
        bucket.bucket().name(),
        bucket.bucket().prefix().as_str()
    );
    say(format_args!("serving {served:?} on http://{address}/"));
    gateway::run(listener, signals, settings.gate, bucket).await
}

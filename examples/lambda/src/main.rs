//! The gateway as an AWS Lambda function: one bucket, streamed behind a Function URL.
//!
//! Lambda starts this program, `bootstrap`, sends it events and receives streamed answers. The stack is
//! that of every gateway: canonical path → gate → index rewrite → S3.
//!
//! 1. Events of Function URLs (`RESPONSE_STREAM`) and of REST APIs (response transfer mode `STREAM`)
//!    are served. Both contain the path as the client sent it, and
//!    [`CanonicalPathLayer`](portcullis::CanonicalPathLayer) judges it before anything else.
//! 2. Events of HTTP APIs and load balancers are always refused. An HTTP API decodes the path, some
//!    escapes twice, and cuts it off at an encoded question mark, so the intended object is unknown.
//!    Neither service accepts a streamed answer.
//! 3. If S3 breaks off an object, the program ends. Otherwise Lambda would end the answer as if it were
//!    complete.
//!
//! Settings come from the environment. A wrong one ends the program with exit code 2 and one line that
//! names the variable.

mod answer;
mod environment;
mod event;
mod function;
mod settings;
mod stack;
mod stderr;

use std::process::ExitCode;

use self::environment::Environment;
use self::settings::Settings;
use self::stderr::say;

#[tokio::main]
async fn main() -> ExitCode {
    let environment = Environment::of_process();
    let service = Settings::resolve(&environment)
        .and_then(stack::stack)
        .and_then(|service| function::require_lambda(&environment).map(|()| service));
    let service = match service {
        Ok(service) => service,
        Err(error) => {
            say(error);
            return ExitCode::from(2);
        }
    };
    match function::run(service).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(error);
            ExitCode::FAILURE
        }
    }
}

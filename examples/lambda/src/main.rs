//! The gateway as an AWS Lambda function: one bucket, streamed behind a Function URL.
//!
//! Lambda starts this program, `bootstrap`, gives it events and takes streamed answers. The stack is
//! the one of every gateway: canonical path → gate → index rewrite → S3.
//!
//! 1. What is served are the events of Function URLs (`RESPONSE_STREAM`) and of REST APIs (response
//!    transfer mode `STREAM`). Both tell the path as the client spelled it, so it is judged here, by
//!    [`CanonicalPathLayer`](portcullis::CanonicalPathLayer), before anything else looks at it.
//! 2. The events of HTTP APIs and load balancers are refused, whatever they ask for: an HTTP API
//!    decodes the path, some escapes twice, and cuts it off at an encoded question mark, so that nobody
//!    can tell which object was meant, and neither of them takes a streamed answer.
//! 3. An object that S3 breaks off ends the program, since nothing else keeps Lambda from ending the
//!    answer as if it were whole.
//!
//! Settings come from the environment, and a wrong one ends the program with code 2 and one line that
//! names it.

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

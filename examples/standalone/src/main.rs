//! The standalone gateway: a stack of the parts of `portcullis`, in a process.
//!
//! `portcullis` serves buckets that flags and variables or a file name; `portcullis check` prints what it
//! would serve; `portcullis demo` serves a bucket of its own.

mod access_log;
mod check;
mod config_example;
mod cut;
mod demo;
mod endpoint;
mod error_chain;
mod escape;
mod failure;
mod flags;
mod gates;
mod gateway;
mod given;
mod host;
mod leaf;
mod line_queue;
mod listen;
mod metrics;
mod mount;
mod mount_path;
mod serve;
mod server;
mod settings;
mod signals;
mod stack;
mod stderr;
mod table;
mod timestamp;
mod tls;
mod token;
mod trial;

use std::env;
use std::process::ExitCode;

use self::failure::Failure;
use self::flags::{Command, ConfigCommand, Flags};

fn main() -> ExitCode {
    if flags::ask_for_json(env::args_os()) {
        stderr::set_json();
    }
    let code = match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    };
    stderr::flush();
    code
}

fn run() -> Result<(), Failure> {
    let Some(flags) = Flags::parse_arguments(env::args_os())? else {
        return Ok(());
    };
    match flags.command {
        Some(Command::Demo(flags)) => demo::run(&flags),
        Some(Command::Check(flags)) => check::run(*flags),
        Some(Command::Token { command }) => token::run(&command),
        Some(Command::Config {
            command: ConfigCommand::Example,
        }) => config_example::run(),
        None => serve::run(flags.serve),
    }
}

//! The standalone gateway: the parts of `portcullis` stacked, and what a process needs around them.
//!
//! `portcullis` serves buckets by flags and environment or by a file; `portcullis check` says what that
//! would be; `portcullis demo` brings a bucket along.

mod access_log;
mod check;
mod config_example;
mod demo;
mod error_chain;
mod failure;
mod flags;
mod gateway;
mod line_queue;
mod mount;
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

use std::process::ExitCode;

use self::failure::Failure;
use self::flags::{Command, ConfigCommand, Flags};

fn main() -> ExitCode {
    let code = match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    };
    stderr::flush();
    code
}

fn run() -> Result<(), Failure> {
    let Some(flags) = Flags::parse_arguments(std::env::args_os())? else {
        return Ok(());
    };
    match flags.command {
        Some(Command::Demo(flags)) => demo::run(&flags),
        Some(Command::Check(flags)) => check::run(&flags),
        Some(Command::Token { command }) => token::run(&command),
        Some(Command::Config {
            command: ConfigCommand::Example,
        }) => config_example::run(),
        None => serve::run(&flags.serve),
    }
}

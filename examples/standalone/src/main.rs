//! The standalone gateway: the parts of `portcullis` stacked, and what a process needs around them.
//!
//! `portcullis` serves a bucket by flags and environment; `portcullis demo` brings a bucket along.

mod access_log;
mod demo;
mod error_chain;
mod failure;
mod flags;
mod gateway;
mod serve;
mod server;
mod settings;
mod signals;
mod stack;
mod stderr;

use std::process::ExitCode;

use self::failure::Failure;
use self::flags::{Command, Flags};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run() -> Result<(), Failure> {
    let Some(flags) = Flags::parse_arguments(std::env::args_os())? else {
        return Ok(());
    };
    match flags.command {
        Some(Command::Demo(flags)) => demo::run(&flags),
        None => serve::run(&flags.serve),
    }
}

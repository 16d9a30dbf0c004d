//! Tables of settings, by flags and variables and by files.

mod command_line;
mod command_line_refusals;
mod example;
mod file;
mod file_refusals;
mod fixture;
mod foreign;
mod secrecy;
mod secret_files;
mod sign_in;
mod sign_in_file;
mod sso;
mod sso_file;
mod stores;
mod streaming_proxy;

//! Prints each crate's verdict on valid and invalid tokens; fails if portcullis is wrong.

use std::process::ExitCode;

use portcullis_peers::{
    Row, Stack, Tokens, admits, jwt_authorizer, portcullis, request, resource_server,
    resource_server_by_default,
};

fn verdict(stack: Option<impl Stack>, row: &Row) -> &'static str {
    let Some(mut stack) = stack else {
        return "keys refused";
    };
    if admits(&mut stack, request(&row.token)) {
        "accepted"
    } else {
        "refused"
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let tokens = Tokens::load();
    let mut is_right = true;
    println!("(t-o-r-s is tower-oauth2-resource-server; ! marks what a gate should not say)\n");
    println!(
        "{:56} {:14} {:15} {:14} t-o-r-s by default",
        "token", "portcullis", "jwt-authorizer", "t-o-r-s"
    );
    for row in &tokens.rows {
        let ours = verdict(portcullis(&tokens, row), row);
        let others = [
            verdict(jwt_authorizer(&tokens, row).await, row),
            verdict(resource_server(&tokens, row).await, row),
            verdict(resource_server_by_default(&tokens, row).await, row),
        ];
        is_right &= ours == row.expect;
        // A key set that is refused as a whole admits no token.
        let marked = |said: &str| {
            let is_wrong = (said == "accepted") != (row.expect == "accepted");
            format!("{said}{}", if is_wrong { " !" } else { "" })
        };
        let [first, second, third] = others.map(marked);
        println!(
            "{:56} {:14} {first:15} {second:14} {third}",
            row.name,
            marked(ours)
        );
    }
    if is_right {
        ExitCode::SUCCESS
    } else {
        eprintln!("portcullis is wrong somewhere");
        ExitCode::FAILURE
    }
}

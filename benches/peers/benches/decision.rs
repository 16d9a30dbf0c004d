//! One valid token through each stack and back: the cost of a request that is admitted.

use divan::{AllocProfiler, Bencher, Divan};
use portcullis_peers::{
    Row, Stack, Tokens, admits, jwt_authorizer, portcullis, portcullis_without_memory, request,
    resource_server,
};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const ALGORITHMS: [&str; 3] = ["RS256", "ES256", "EdDSA"];

fn main() {
    Divan::default()
        .sample_count(200)
        .sample_size(32)
        .config_with_args()
        .main();
}

/// Creating the request is not counted.
fn call(bencher: Bencher<'_, '_>, stack: Option<impl Stack>, row: &Row) {
    let mut stack = stack.expect("the keys are taken");
    assert!(admits(&mut stack, request(&row.token)));
    bencher
        .with_inputs(|| request(&row.token))
        .bench_local_values(|request| admits(&mut stack, request));
}

fn with_row<R>(algorithm: &str, run: impl FnOnce(&Tokens, &Row) -> R) -> R {
    let tokens = Tokens::load();
    let row = tokens.row(&format!("right, {algorithm}"));
    run(&tokens, row)
}

fn wait<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

#[divan::bench(args = ALGORITHMS)]
fn portcullis_that_remembers(bencher: Bencher<'_, '_>, algorithm: &str) {
    with_row(algorithm, |tokens, row| {
        call(bencher, portcullis(tokens, row), row)
    });
}

#[divan::bench(args = ALGORITHMS)]
fn portcullis_that_verifies(bencher: Bencher<'_, '_>, algorithm: &str) {
    with_row(algorithm, |tokens, row| {
        call(bencher, portcullis_without_memory(tokens, row), row);
    });
}

#[divan::bench(args = ALGORITHMS)]
fn jwt_authorizer_0_15(bencher: Bencher<'_, '_>, algorithm: &str) {
    with_row(algorithm, |tokens, row| {
        call(bencher, wait(jwt_authorizer(tokens, row)), row);
    });
}

#[divan::bench(args = ALGORITHMS)]
fn tower_oauth2_resource_server_0_12(bencher: Bencher<'_, '_>, algorithm: &str) {
    with_row(algorithm, |tokens, row| {
        call(bencher, wait(resource_server(tokens, row)), row);
    });
}

//! What the documents say, held against the tree.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One paragraph on one line, as sentences are compared.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All Rust sources that may hold a test.
pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn readme_is_short_and_hides_nothing() {
    let readme = read("README.md");
    let lines = readme.lines().count();
    assert!(lines <= 150, "{lines} lines");
    let hidden: Vec<_> = (readme.split("```rust").skip(1))
        .filter_map(|block| block.split("```").next())
        .flat_map(str::lines)
        .filter(|line| *line == "#" || line.starts_with("# "))
        .collect();
    assert_eq!(hidden, [""; 0], "only rustdoc hides these lines");
}

#[test]
fn readme_and_crate_page_open_alike() {
    let readme = read("README.md");
    let page = read("src/lib.rs");
    let page: Vec<_> = page
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    let opening = |text: &str| {
        let mut paragraphs = text.split("\n\n").map(joined);
        paragraphs.find(|it| it.starts_with("Portcullis is"))
    };
    let page: Vec<_> = page.into_iter().map(str::trim_start).collect();
    assert_eq!(opening(&readme), opening(&page.join("\n")));
    assert!(opening(&readme).is_some());
}

#[test]
fn relative_links_lead_to_files() {
    for document in [
        "README.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "examples/standalone/README.md",
        "examples/lambda/README.md",
    ] {
        let folder = root().join(document);
        let folder = folder.parent().unwrap();
        let text = read(document);
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|it| it.split(')').next());
        for target in targets.filter(|it| !it.contains("://")) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let linked = if path.is_empty() {
                root().join(document)
            } else {
                folder.join(path)
            };
            assert!(linked.exists(), "{document}: {target}");
            if !heading.is_empty() {
                let linked = fs::read_to_string(linked).unwrap();
                let mut headings = linked.lines().filter(|line| line.starts_with('#'));
                let anchor = |line: &str| line.trim_start_matches('#').trim().to_lowercase();
                let is_there = headings.any(|it| anchor(it).replace(' ', "-") == heading);
                assert!(is_there, "{document}: {target}");
            }
        }
    }
}

/// A sentence that claims safety, the document, and the tests that hold it.
const CLAIMS: &[(&str, &str, &[&str])] = &[
    (
        "README.md",
        "The gateway signs only reads: GET and HEAD of objects below the configured prefix, and a list \
         of at most one key, which tells a missing object from a denied one.",
        &["nothing_but_reads_below_the_prefix_is_signed"],
    ),
    (
        "README.md",
        "The credential that admitted a request is removed before an inner service sees it.",
        &["an_admitted_request_has_identity_and_no_credential"],
    ),
    (
        "README.md",
        "No secret appears in a log line, an error, a `Debug` output or a URL of the gateway.",
        &[
            "parts_print_their_settings_and_no_secret",
            "tokens_and_their_digests_are_not_printed",
            "credentials_of_a_request_are_not_printed",
            "a_log_shows_no_token",
            "debug_of_a_layer_has_no_secret",
            "reasons_and_pages_have_no_secret",
        ],
    ),
    (
        "README.md",
        "An unknown user and a wrong password get the same answer for the same work.",
        &[
            "unknown_user_and_wrong_password_look_the_same",
            "an_unknown_user_costs_one_comparison_too",
            "an_unknown_user_looks_like_a_wrong_password",
        ],
    ),
    (
        "README.md",
        "The reason of a refusal is for your log, never in the body.",
        &[
            "a_refusal_has_status_challenge_and_reason",
            "no_refusal_repeats_what_was_sent",
        ],
    ),
    (
        "README.md",
        "A fault of S3 is answered with 502, 503 or 504, never with 401, 403 or 404",
        &[
            "an_s3_that_cannot_be_reached_is_502",
            "credentials_that_fail_are_503",
            "an_answer_that_does_not_begin_is_504",
            "denied_is_missing_if_listing_is_denied",
        ],
    ),
    (
        "README.md",
        "An object that S3 breaks off aborts the client's connection.",
        &[
            "a_failed_body_never_ends_well",
            "a_broken_off_object_is_logged_as_aborted",
        ],
    ),
    (
        "README.md",
        "`unsafe` is forbidden, and every parser of client input is fuzzed",
        &["every_parser_of_client_input_is_fuzzed"],
    ),
    (
        "README.md",
        "If an outer layer is forgotten, it still refuses every path that is not canonical.",
        &[
            "a_hostile_path_never_reaches_s3",
            "layers_in_wrong_orders_stay_closed",
        ],
    ),
    (
        "src/lib.rs",
        "Of a client's request, S3 receives the object key, one range, the preconditions and the query \
         parameters that you allow, each parsed and spelled anew.",
        &[
            "only_range_and_conditionals_reach_s3",
            "one_range_is_mirrored_exactly",
            "only_allowed_parameters_reach_s3",
        ],
    ),
    (
        "src/lib.rs",
        "What a gate has admitted is `Cache-Control: private` with `Vary`, whatever the object says.",
        &["an_authorised_answer_is_private_to_caches"],
    ),
    (
        "src/lib.rs",
        "A gate inside another gate finds the credential removed and refuses",
        &["an_inner_gate_finds_the_credential_removed"],
    ),
    (
        "src/lib.rs",
        "`/%70rivate/x` does not reach the bucket past the gate of `/private`",
        &["a_router_with_a_private_mount_is_closed"],
    ),
    (
        "SECURITY.md",
        "Every parser of client input has a fuzz target",
        &["every_parser_of_client_input_is_fuzzed"],
    ),
    (
        "SECURITY.md",
        "The fake S3 servers of the tests verify signatures with another implementation than the one \
         under test.",
        &[
            "a_wrong_secret_is_502",
            "the_store_refuses_what_another_key_signed",
        ],
    ),
    (
        "SECURITY.md",
        "A request reaches the bucket only through the gate in front of it, for a key below the prefix, \
         and to read.",
        &[
            "a_router_with_a_private_mount_is_closed",
            "each_spelling_reaches_the_same_mount",
            "each_smuggling_shape_has_one_interpretation",
            "malformed_http2_requests_reach_nobody",
            "a_request_names_one_host_in_each_version",
            "the_prefix_confines",
            "nothing_but_reads_below_the_prefix_is_signed",
        ],
    ),
    (
        "SECURITY.md",
        "No client gets an AWS key or a signature, and no credential is in an answer, a log line, an \
         error or a URL.",
        &[
            "parts_print_their_settings_and_no_secret",
            "no_refusal_repeats_what_was_sent",
            "a_log_shows_no_token",
            "reasons_and_pages_have_no_secret",
        ],
    ),
    (
        "SECURITY.md",
        "Nobody else gets what the credential opens: it is removed before an inner service sees it, and \
         what it opened is `private` to caches.",
        &[
            "an_admitted_request_has_identity_and_no_credential",
            "an_authorised_answer_is_private_to_caches",
        ],
    ),
    (
        "SECURITY.md",
        "A page, a link or another site cannot sign them in as somebody else, use their session to \
         change anything, or send them to another site.",
        &[
            "only_the_browser_that_started_completes",
            "another_browser_signs_in_as_itself",
            "a_cookie_authorises_changes_from_its_origin_only",
            "return_to_must_be_a_safe_path",
        ],
    ),
    (
        "SECURITY.md",
        "A client that sends nothing, reads nothing, or asks for everything takes no more than its \
         share: others are served meanwhile.",
        &[
            "trickles_of_one_network_stop_nobody",
            "trickles_of_eight_networks_stop_nobody",
            "trickled_tls_handshakes_stop_nobody",
            "unread_streams_are_reset_beside_a_good_client",
            "one_identity_leaves_room_for_others",
        ],
    ),
    (
        "SECURITY.md",
        "Liveness and readiness are answered under attack. Memory, descriptors and the log have bounds, \
         which are settings with defaults, and are given back.",
        &[
            "health_is_answered_while_all_connections_run",
            "unread_streams_with_default_limits_leave_nothing",
            "connections_that_are_dropped_leave_nothing",
            "long_paths_fill_neither_memory_nor_log",
            "a_flood_of_requests_loses_no_refusal",
        ],
    ),
    (
        "SECURITY.md",
        "What arrives as complete is the object: a fault of S3 is 502, 503 or 504, or ends the \
         connection.",
        &["no_fault_of_s3_is_taken_for_an_object"],
    ),
    (
        "SECURITY.md",
        "An upstream that fails is asked again. Nothing needs a restart.",
        &[
            "faults_of_s3_leave_nothing_behind",
            "s3_is_killed_and_restarted_under_load",
            "s3_may_move_to_another_address",
            "redis_is_killed_and_restarted",
            "a_provider_that_is_down_ends_no_session",
        ],
    ),
    (
        "SECURITY.md",
        "A guesser does not learn whether a user name exists.",
        &[
            "every_name_costs_the_same_work",
            "the_length_of_a_salt_is_not_revealed",
            "an_unknown_user_costs_one_comparison_too",
            "an_unknown_user_looks_like_a_wrong_password",
            "five_failures_are_free_then_waits_double",
            "a_password_right_within_the_hour_never_waits",
        ],
    ),
    (
        "SECURITY.md",
        "A guesser does not lock a user out: failures slow down that user name from that client network \
         only.",
        &[
            "only_the_pair_that_failed_waits",
            "a_user_signs_in_during_a_flood_of_guesses",
            "a_user_signs_in_beside_a_flood_of_its_network",
            "a_user_signs_in_whose_name_many_guess_at",
        ],
    ),
    (
        "src/basic_auth/mod.rs",
        "A password that was right within the hour, for this user and from this network, never waits",
        &["a_password_right_within_the_hour_never_waits"],
    ),
    (
        "src/basic_auth/mod.rs",
        "a pair that waits is not released by a few thousand failures of others.",
        &["a_waiting_pair_is_not_pushed_out"],
    ),
    (
        "src/basic_auth/mod.rs",
        "The responses of the last two are the same, and take the same work",
        &[
            "unknown_user_and_wrong_password_look_the_same",
            "an_unknown_user_costs_one_comparison_too",
        ],
    ),
    (
        "src/client_address/mod.rs",
        "If the peer is any other address, it is the client, and its `X-Forwarded-*` fields are \
         ignored.",
        &[
            "the_client_is_the_last_address_not_trusted",
            "only_a_trusted_proxy_names_scheme_and_host",
        ],
    ),
    (
        "src/gate/mod.rs",
        "An identity from a cookie authorises only GET, HEAD and OPTIONS, unless the request provably \
         comes from the same origin.",
        &[
            "a_cookie_alone_authorises_only_safe_methods",
            "a_cookie_authorises_changes_from_its_origin_only",
        ],
    ),
    (
        "src/htpasswd/mod.rs",
        "a wrong one is not remembered.",
        &["only_correct_passwords_are_remembered"],
    ),
    (
        "src/htpasswd/mod.rs",
        "its time reveals neither whether the user exists nor which hash is cheap",
        &[
            "every_name_costs_the_same_work",
            "the_length_of_a_salt_is_not_revealed",
        ],
    ),
    (
        "src/htpasswd/mod.rs",
        "a new client is served next even while others guess passwords",
        &[
            "a_flood_of_guesses_keeps_nobody_waiting",
            "guesses_of_many_networks_keep_others_from_nothing",
            "a_user_signs_in_during_a_flood_of_guesses",
        ],
    ),
    (
        "src/htpasswd/mod.rs",
        "A client that is signed in is therefore admitted at once, whatever waits.",
        &["who_is_signed_in_does_not_wait"],
    ),
    (
        "src/jwt/mod.rs",
        "it repeats nothing else of the token.",
        &["no_verdict_repeats_its_token"],
    ),
    (
        "src/jwt/mod.rs",
        "A wrong signature, or a token that breaks one of the rules 1 to 7, never causes a fetch.",
        &[
            "a_wrong_signature_asks_for_no_keys",
            "a_bad_token_asks_for_no_keys",
        ],
    ),
    (
        "src/jwt/jwks/mod.rs",
        "A key that has been removed from it no longer verifies any token after the fetch, not even one \
         that was verified before.",
        &["a_withdrawn_key_ends_with_its_fetch"],
    ),
    (
        "src/jwt/jwks/mod.rs",
        "If the issuer publishes no usable key, the last keys are dropped",
        &[
            "withdrawn_keys_end_at_the_next_fetch",
            "metadata_that_is_gone_withdraws_the_keys",
        ],
    ),
    (
        "src/jwt/jwks/mod.rs",
        "Nothing of a token becomes part of a URL.",
        &["a_kid_never_becomes_part_of_a_request"],
    ),
    (
        "src/path/mod.rs",
        "Refused, in any encoding: 1. a path that does not begin with `/`;",
        &["an_unsafe_path_is_refused_in_every_encoding"],
    ),
    (
        "src/path_token/mod.rs",
        "A `Referer` that has a token is removed from the request",
        &["a_referer_with_a_token_goes_no_further"],
    ),
    (
        "src/s3/mod.rs",
        "Only reads are signed: GET and HEAD of an object below the bucket's prefix, a list of the keys \
         below it, and a list of at most one key of the bucket, whose answer nobody sees.",
        &[
            "nothing_but_reads_below_the_prefix_is_signed",
            "a_list_has_the_keys_below_the_prefix",
        ],
    ),
    (
        "src/s3/write/mod.rs",
        "S3 refuses a body that was changed on the way.",
        &["changed_bytes_and_foreign_keys_are_refused"],
    ),
    (
        "src/s3/write/mod.rs",
        "A conditional write that was stored by a try whose answer was lost is told from one that another \
         writer made",
        &["a_lost_answer_is_no_other_writer"],
    ),
    (
        "src/s3/write/mod.rs",
        "If it fails, or if nobody waits for it any more, the upload is aborted, so that S3 keeps no part of it.",
        &[
            "a_stream_that_breaks_off_leaves_nothing",
            "an_abandoned_upload_is_aborted",
            "each_failing_call_leaves_no_part",
        ],
    ),
    (
        "src/s3_proxy/mod.rs",
        "The key is always below the prefix of the",
        &["the_prefix_confines"],
    ),
    (
        "src/session/mod.rs",
        "The store sees when a session is used, but neither who it is nor its tokens.",
        &["stored_values_reveal_nothing"],
    ),
    (
        "src/sso/mod.rs",
        "`state` was sealed by this gateway in the last ten minutes and has not been redeemed.",
        &[
            "a_foreign_state_is_refused_without_a_request",
            "a_person_has_ten_minutes",
            "a_state_is_redeemed_once",
        ],
    ),
    (
        "src/sso/mod.rs",
        "The browser has the login cookie with which that sign-in started.",
        &[
            "only_the_browser_that_started_completes",
            "another_browser_signs_in_as_itself",
        ],
    ),
    (
        "src/sso/mod.rs",
        "This process never redeems a `state` twice, whatever code comes with it.",
        &[
            "one_of_many_concurrent_callbacks_is_redeemed",
            "each_sign_in_is_taken_once",
        ],
    ),
    (
        "src/sso/mod.rs",
        "So many tabs, and all images of a page, return correctly in any order, and nothing grows.",
        &[
            "thirty_first_requests_return_correctly",
            "forty_sign_ins_on_four_mounts_share_a_cookie",
        ],
    ),
    (
        "src/sso/mod.rs",
        "Beyond that, the answer is 503 with `Retry-After`, and the same callback can be repeated.",
        &["redemptions_under_way_are_limited"],
    ),
    (
        "src/sso/mod.rs",
        "The cookie is never removed, since the browser may have got a newer one from the other gateway by \
         then.",
        &["two_gateways_without_a_store_lose_no_session"],
    ),
    (
        "src/sso/mod.rs",
        "needs `Sec-Fetch-Site: same-origin` or the `Origin` of the public URL",
        &[
            "an_origin_must_be_exactly_that_of_the_site",
            "another_site_signs_nobody_out",
        ],
    ),
    (
        "src/sso/mod.rs",
        "A sign-in returns to where it started, always a path of this site.",
        &["return_to_must_be_a_safe_path"],
    ),
    (
        "src/strip_prefix.rs",
        "it never names an object outside of the mount",
        &["an_alternate_path_never_leaves_the_mount"],
    ),
    (
        "src/token_auth/mod.rs",
        "The response is the same for all four",
        &["unknown_revoked_and_expired_look_the_same"],
    ),
    (
        "src/token/mod.rs",
        "while the store fails, every token is refused with 503.",
        &["a_store_that_fails_admits_nobody"],
    ),
];

#[test]
fn each_claim_of_safety_has_its_test() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "examples"] {
        sources(&root().join(folder), &mut files);
    }
    let sources: String = files
        .iter()
        .map(|it| fs::read_to_string(it).unwrap())
        .collect();
    for (document, claim, tests) in CLAIMS {
        let text = read(document).replace("//!", " ").replace("///", " ");
        assert!(
            joined(&text).contains(claim),
            "{document} does not say: {claim}"
        );
        for test in *tests {
            let is_there = sources.contains(&format!("fn {test}("));
            assert!(is_there, "{claim:?} of {document}: no test {test}");
        }
    }
}

use super::folder::Folder;
use super::install::run;
use super::server::Peer;

/// Uploads the packages of packages.py by `s3pypi upload`.
pub(super) async fn upload(peer: &Peer, bucket: &str, options: &[&str]) {
    let packages = Folder::new();
    let folder = packages.path().to_str().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/peers/packages.py");
    let written = run("python3", &[script, folder], &packages, &[]).await;
    assert_eq!(written.code, Some(0), "{}", written.text);

    let mut arguments = vec!["upload", "--bucket", bucket, "--put-root-index"];
    arguments.extend(["--s3-endpoint-url", &peer.endpoint]);
    arguments.extend(options);
    let distributions = [
        "peer_wheel-1.0+local-py3-none-any.whl",
        "peer_sdist-2.0.tar.gz",
    ]
    .map(|name| format!("{folder}/{name}"));
    arguments.extend(distributions.iter().map(String::as_str));
    let environment = [
        ("AWS_ACCESS_KEY_ID", &*peer.key),
        ("AWS_SECRET_ACCESS_KEY", &peer.secret),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        // There it looks for a table of locks, and takes any error to mean that there is none.
        ("AWS_ENDPOINT_URL_DYNAMODB", &peer.endpoint),
    ];
    let uploaded = run("s3pypi", &arguments, &packages, &environment).await;
    assert_eq!(uploaded.code, Some(0), "{}", uploaded.text);
}

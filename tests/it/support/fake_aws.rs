//! Strict stand-ins for what gives out temporary credentials: the instance metadata service, the
//! endpoint of an ECS task, STS, and the portal of SSO. Each checks what it is sent, after the
//! EC2, ECS and IAM user guides and the STS and SSO API references.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tower::service_fn;

use super::fake_s3::{KEY_ID, SECRET};
use super::server::Server;

pub(crate) const ECS_TOKEN: &str = "Basic ecs-t0k3n";
pub(crate) const WEB_TOKEN: &str = "web.identity.t0k3n";
pub(crate) const SSO_TOKEN: &str = "sso-t0k3n";
pub(crate) const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/gateway";
const METADATA_TOKEN: &str = "imds-t0k3n";
const IN_2100: &str = "2100-01-01T00:00:00Z";

/// How the fake fails, instead of giving credentials.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Hangs,
    Html,
    Status(u16),
    Expired,
}

/// All of them on one port.
#[derive(Debug)]
pub(crate) struct FakeAws {
    server: Server,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl FakeAws {
    pub(crate) async fn start() -> Self {
        let fault = Arc::new(Mutex::new(None));
        let current = Arc::clone(&fault);
        let server = Server::start(service_fn(move |request: Request<Incoming>| {
            let fault = *current.lock().unwrap();
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                Ok::<_, Infallible>(answer(&head, &body, fault).await)
            }
        }))
        .await;
        Self { server, fault }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) async fn raw(&self, request: &str) -> String {
        self.server.raw(request).await
    }

    pub(crate) fn fail(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }
}

async fn answer(head: &Parts, body: &[u8], fault: Option<Fault>) -> Response<Full<Bytes>> {
    let expiration = match fault {
        None => IN_2100,
        Some(Fault::Expired) => "2000-01-01T00:00:00Z",
        Some(Fault::Hangs) => std::future::pending().await,
        Some(Fault::Html) => return with_status(200, format!("<html>{SECRET}</html>")),
        Some(Fault::Status(status)) => return with_status(status, SECRET.into()),
    };
    match (&head.method, head.uri.path()) {
        (&Method::PUT, "/latest/api/token") => metadata_token(head),
        (&Method::GET, path) if path.starts_with("/latest/meta-data/") => {
            metadata(head, path, expiration)
        }
        (&Method::GET, "/ecs") => task_credentials(head, expiration),
        (&Method::GET, "/federation/credentials") => sso(head),
        (&Method::POST, "/") => sts(body, expiration),
        _ => with_status(404, String::new()),
    }
}

fn with_status(status: u16, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn field<'a>(head: &'a Parts, name: &str) -> Option<&'a str> {
    head.headers.get(name).map(|value| value.to_str().unwrap())
}

fn metadata_token(head: &Parts) -> Response<Full<Bytes>> {
    const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
    let ttl = field(head, TTL).and_then(|ttl| ttl.parse().ok());
    if !ttl.is_some_and(|ttl| (1..=21600).contains(&ttl)) {
        return with_status(400, String::new());
    }
    let mut response = with_status(200, METADATA_TOKEN.into());
    response
        .headers_mut()
        .insert(TTL, head.headers[TTL].clone());
    response
}

fn metadata(head: &Parts, path: &str, expiration: &str) -> Response<Full<Bytes>> {
    if field(head, "x-aws-ec2-metadata-token") != Some(METADATA_TOKEN) {
        return with_status(401, String::new());
    }
    match path {
        "/latest/meta-data/iam/security-credentials/" => with_status(200, "gateway".into()),
        "/latest/meta-data/iam/security-credentials/gateway" => with_status(
            200,
            format!(
                r#"{{"Code":"Success","LastUpdated":"2020-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"{KEY_ID}",
                "SecretAccessKey":"{SECRET}","Token":"session-of-imds","Expiration":"{expiration}"}}"#
            ),
        ),
        _ => with_status(404, String::new()),
    }
}

fn task_credentials(head: &Parts, expiration: &str) -> Response<Full<Bytes>> {
    if field(head, "authorization") != Some(ECS_TOKEN) {
        return with_status(401, String::new());
    }
    with_status(
        200,
        format!(
            r#"{{"RoleArn":"{ROLE_ARN}","AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET}",
            "Token":"session-of-ecs","Expiration":"{expiration}"}}"#
        ),
    )
}

fn sso(head: &Parts) -> Response<Full<Bytes>> {
    let query = head.uri.query().unwrap_or_default();
    if field(head, "x-amz-sso_bearer_token") != Some(SSO_TOKEN)
        || !query.contains("account_id=123456789012")
        || !query.contains("role_name=gateway")
    {
        let error = r#"{"__type":"UnauthorizedException","message":"Session token not found"}"#;
        return with_status(401, error.into());
    }
    with_status(
        200,
        format!(
            r#"{{"roleCredentials":{{"accessKeyId":"{KEY_ID}","secretAccessKey":"{SECRET}",
            "sessionToken":"session-of-sso","expiration":4102444800000}}}}"#
        ),
    )
}

fn sts(body: &[u8], expiration: &str) -> Response<Full<Bytes>> {
    let form = String::from_utf8_lossy(body);
    let role_arn = ROLE_ARN.replace(':', "%3A").replace('/', "%2F");
    let expected = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", &role_arn),
        ("RoleSessionName", "portcullis"),
        ("WebIdentityToken", WEB_TOKEN),
    ];
    for (name, value) in expected {
        if !form
            .split('&')
            .any(|field| field == format!("{name}={value}"))
        {
            return with_status(
                400,
                format!(
                    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                     <Code>InvalidIdentityToken</Code><Message>{name} is wrong</Message></Error></ErrorResponse>"
                ),
            );
        }
    }
    with_status(
        200,
        format!(
            "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn>{ROLE_ARN}</Arn>\
             <AssumedRoleId>AROAFAKE:portcullis</AssumedRoleId></AssumedRoleUser><Credentials>\
             <AccessKeyId>{KEY_ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>\
             <SessionToken>session-of-sts</SessionToken><Expiration>{expiration}</Expiration>\
             </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        ),
    )
}

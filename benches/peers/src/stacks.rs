use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};
use jwt_authorizer::{IntoLayer, JwtAuthorizer, Validation};
use portcullis::JwtScopeLayer;
use portcullis::gate::ScopePolicy;
use portcullis::jwt::{JwtVerifier, KeySet, TrustedIssuer};
use serde_json::Value;
use tower::{Layer, Service, ServiceExt};
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;
use tower_oauth2_resource_server::validation::ClaimsValidationSpec;

use crate::{Row, Tokens};

/// A gate before [`Inner`].
pub trait Stack: Service<Request<()>, Response = Response<Self::Body>, Error = Infallible> {
    type Body;
}

impl<S, B> Stack for S
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
{
    type Body = B;
}

/// Answers 200, with the body type that jwt-authorizer needs.
#[derive(Clone, Debug)]
struct Inner;

impl Service<Request<()>> for Inner {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(Body::empty())))
    }
}

/// A request with this token.
pub fn request(token: &str) -> Request<()> {
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    request.body(()).expect("a token is a good field")
}

/// Whether the request reaches the inner service. No stack here waits for anything.
pub fn admits(stack: &mut impl Stack, request: Request<()>) -> bool {
    let answer = async { stack.ready().await?.call(request).await };
    let Ok(answer) = answer.now_or_never().expect("the keys are in memory");
    answer.status() == StatusCode::OK
}

/// portcullis; `None` if it refuses the keys.
pub fn portcullis(tokens: &Tokens, row: &Row) -> Option<impl Stack> {
    Some(gate(verifier(tokens, row)?, row))
}

/// The same, verifying every token each time.
pub fn portcullis_without_memory(tokens: &Tokens, row: &Row) -> Option<impl Stack> {
    Some(gate(verifier(tokens, row)?.with_cache_capacity(0), row))
}

fn verifier(tokens: &Tokens, row: &Row) -> Option<JwtVerifier> {
    let keys = KeySet::from_jwks(row.jwks.as_bytes()).ok()?;
    let issuer =
        TrustedIssuer::new(&tokens.issuer, [&tokens.audience], keys).expect("a right issuer");
    Some(JwtVerifier::new([issuer]).expect("one issuer"))
}

fn gate(verifier: JwtVerifier, row: &Row) -> impl Stack {
    let mut layer = JwtScopeLayer::new("peers", verifier).expect("a right realm");
    if let Some(scope) = &row.scope {
        layer = layer.with_required_scopes(ScopePolicy::all_of([scope]).expect("a right scope"));
    }
    layer.layer(Inner)
}

/// jwt-authorizer, as strict as it can be; `None` if it refuses the keys.
pub async fn jwt_authorizer(tokens: &Tokens, row: &Row) -> Option<impl Stack> {
    let validation = Validation::new()
        .iss(&[&tokens.issuer])
        .aud(&[&tokens.audience])
        .nbf(true)
        .leeway(30);
    let builder: JwtAuthorizer<Value> = JwtAuthorizer::from_jwks_text(&row.jwks);
    let authorizer = builder.validation(validation).build().await.ok()?;
    Some(authorizer.into_layer().layer(Inner))
}

/// tower-oauth2-resource-server, as strict as it can be; `None` if it refuses the keys.
pub async fn resource_server(tokens: &Tokens, row: &Row) -> Option<impl Stack> {
    // Not `nbf`, which would then be required in every token.
    let audiences = vec![tokens.audience.clone()];
    let claims = ClaimsValidationSpec::new()
        .exp(true)
        .iss(&tokens.issuer)
        .aud(&audiences);
    let tenant = TenantConfiguration::static_builder(&row.jwks)
        .claims_validation(claims)
        .build()
        .ok()?;
    behind(tenant).await
}

/// The same with its default checks, the audience and the issuer's name.
pub async fn resource_server_by_default(tokens: &Tokens, row: &Row) -> Option<impl Stack> {
    let tenant = TenantConfiguration::static_builder(&row.jwks)
        .identifier(&tokens.issuer)
        .audiences(&[&tokens.audience]);
    behind(tenant.build().ok()?).await
}

async fn behind(tenant: TenantConfiguration) -> Option<impl Stack> {
    let server = OAuth2ResourceServer::<Value>::builder()
        .add_tenant(tenant)
        .build()
        .await
        .ok()?;
    Some(server.into_layer().layer(Inner))
}

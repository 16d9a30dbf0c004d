//! The metadata of a protected resource (RFC 9728): tells a client that was refused which issuers give out
//! tokens.
//!
//! [`ResourceMetadata`] is a leaf service. Its answer comes from configuration alone, never from the `Host`
//! of a request: the identifier of the resource, which is the URL that clients know it by, decides the path
//! and the content of the document.
//!
//! 1. GET and HEAD for [`ResourceMetadata::path`], byte for byte, are answered with the document, as
//!    `application/json` that anybody may cache for an hour.
//! 2. Any other method is 405 with `Allow`; any other path is 404.
//!
//! # Deployment caveats
//!
//! It must be outside of the gate, since its clients have no token yet. Route its path to it before the gate,
//! as below, or make the path public by [`PublicPaths`](crate::gate::PublicPaths) if it is behind the gate.
//! Pass [`ResourceMetadata::url`] to
//! [`JwtScopeLayer::with_resource_metadata`](crate::JwtScopeLayer::with_resource_metadata), so that
//! every challenge names it.
//!
//! The path begins at the root of the host, wherever the resource is: the resource
//! `https://example.com/simple/` has its document at `/.well-known/oauth-protected-resource/simple/`. A
//! proxy in front of the gateway must forward both. Clients in browsers need tower-http's `CorsLayer`
//! outside.
//!
//! # Example
//!
//! ```
//! use axum::Router;
//! use axum::body::Body;
//! use http::{Request, StatusCode};
//! use portcullis::ResourceMetadata;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let metadata = ResourceMetadata::new("https://packages.example.com/simple/")?
//!     .with_authorization_servers(["https://login.example.com"])?
//!     .with_scopes_supported(["wheels:read"])?;
//! assert_eq!(
//!     metadata.url(),
//!     "https://packages.example.com/.well-known/oauth-protected-resource/simple/"
//! );
//! # let guarded = Router::new();
//! let path = metadata.path().to_owned();
//! let router = Router::new().route_service(&path, metadata).fallback_service(guarded);
//!
//! let request = Request::get(&path).body(Body::empty()).unwrap();
//! let response = router.clone().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let request = Request::post(&path).body(Body::empty()).unwrap();
//! let response = router.oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
//! # Ok(())
//! # }
//! ```

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value};
use tower_service::Service;

use crate::error::ConfigError;
use crate::gate::require_scope_token;
use crate::https_url::require_https;
use crate::path::RequestPath;
use crate::response::{answer_to, method_not_allowed, short_text};

/// Answers with the metadata of a protected resource.
///
/// See the [module docs](crate::resource_metadata) for the answers.
#[derive(Clone, Debug)]
#[must_use]
pub struct ResourceMetadata {
    document: Arc<Document>,
}

#[derive(Clone, Debug)]
struct Document {
    url: String,
    path: String,
    members: Map<String, Value>,
    json: Bytes,
}

/// A way to send a bearer token (RFC 6750 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BearerMethod {
    /// In the `Authorization` field.
    Header,
    /// In a form.
    Body,
    /// In the query.
    Query,
}

impl BearerMethod {
    fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Body => "body",
            Self::Query => "query",
        }
    }
}

impl ResourceMetadata {
    /// Describes the resource with this identifier, which clients compare with the URL that they asked
    /// for. By default, the document announces tokens in the `Authorization` field alone: see
    /// [`with_bearer_methods`](Self::with_bearer_methods).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if it is neither `https` nor `http` to a loopback host, has a query or a
    /// fragment, or has a path that is not in the canonical spelling: see [`crate::path`].
    pub fn new(resource: impl Into<String>) -> Result<Self, ConfigError> {
        let resource = resource.into();
        let uri = require_identifier("resource", &resource)?;
        let is_canonical = RequestPath::parse(uri.path()).is_ok_and(|path| path.was_canonical());
        if !is_canonical {
            return Err(ConfigError::new(
                "resource",
                "must have a path in the canonical spelling",
            ));
        }
        // RFC 9728 section 3.1: between the host and the path, without a slash if there is no path.
        let path = uri.path();
        let path = if path == "/" { "" } else { path };
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let origin = resource.split_inclusive('/').take(3).collect::<String>();
        let url = format!("{}{path}", origin.trim_end_matches('/'));
        let document = Document {
            url,
            path,
            members: Map::new(),
            json: Bytes::new(),
        };
        let metadata = Self {
            document: Arc::new(document),
        };
        Ok(metadata
            .with("resource", resource)
            .with_bearer_methods([BearerMethod::Header]))
    }

    /// Lists the issuers that clients may ask for a token.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for an issuer that is neither `https` nor `http` to a loopback host, or has a
    /// query or a fragment (RFC 8414 section 2).
    pub fn with_authorization_servers<I>(self, issuers: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let issuers: Vec<String> = issuers.into_iter().map(Into::into).collect();
        for issuer in &issuers {
            require_identifier("authorization_servers", issuer)?;
        }
        Ok(self.with("authorization_servers", issuers))
    }

    /// Lists the scopes that a token may need.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for a scope that is not a scope token of RFC 6749 section 3.3.
    pub fn with_scopes_supported<I>(self, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        for scope in &scopes {
            require_scope_token(scope)?;
        }
        Ok(self.with("scopes_supported", scopes))
    }

    /// Lists how a token may be sent. An empty list means that no method of RFC 6750 is accepted.
    pub fn with_bearer_methods(self, methods: impl IntoIterator<Item = BearerMethod>) -> Self {
        let names: Vec<_> = methods.into_iter().map(BearerMethod::name).collect();
        self.with("bearer_methods_supported", names)
    }

    /// The name of the resource, for people to read.
    pub fn with_resource_name(self, name: impl Into<String>) -> Self {
        self.with("resource_name", name.into())
    }

    /// The URL of a page for developers.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if it is neither `https` nor `http` to a loopback host.
    pub fn with_resource_documentation(self, url: impl Into<String>) -> Result<Self, ConfigError> {
        let url = url.into();
        require_https("resource_documentation", &url)?;
        Ok(self.with("resource_documentation", url))
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let document = Arc::make_mut(&mut self.document);
        document.members.insert(name.to_owned(), value.into());
        document.json = Value::Object(document.members.clone()).to_string().into();
        self
    }

    /// Where clients find the document, for
    /// [`with_resource_metadata`](crate::JwtScopeLayer::with_resource_metadata).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.document.url
    }

    /// The path of [`url`](Self::url), to route to this service.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.document.path
    }

    fn answer(&self, method: &Method, path: &str) -> Response<Bytes> {
        if path != self.document.path {
            return answer_to(method, short_text(StatusCode::NOT_FOUND, ""));
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            return method_not_allowed("GET, HEAD");
        }
        let mut response = Response::new(self.document.json.clone());
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, self.document.json.len().into());
        for (name, value) in [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "max-age=3600"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        answer_to(method, response)
    }
}

/// The identifier of a resource or of an issuer.
fn require_identifier(setting: &'static str, url: &str) -> Result<http::Uri, ConfigError> {
    let uri = require_https(setting, url)?;
    if uri.query().is_some() {
        return Err(ConfigError::new(setting, "must not have a query"));
    }
    Ok(uri)
}

impl<ReqBody> Service<Request<ReqBody>> for ResourceMetadata {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let response = self.answer(request.method(), request.uri().path());
        ready(Ok(response.map(Full::from)))
    }
}

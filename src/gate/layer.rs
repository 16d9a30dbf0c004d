use bytes::Bytes;
use http::Response;
use http::request::Parts;
use tower_layer::Layer;

use super::authenticator::Authenticator;
use super::refusal::{Refusal, RefusalStyle};
use super::service::Gate;

/// Layer that guards by any method, and can change the responses to refused requests.
///
/// ```
/// use portcullis::gate::{GateLayer, RefusalKind};
/// use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
///
/// let basic = BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")])?)?;
/// let layer = GateLayer::new(basic).with_refusal_response(|_head, refusal, response| {
///     match refusal.kind() {
///         RefusalKind::Missing => response.map(|_| "Ask the build team for a login.\n".into()),
///         _ => response,
///     }
/// });
/// # let _ = tower_layer::Layer::layer(&layer, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct GateLayer<A> {
    method: A,
    style: Option<RefusalStyle>,
}

impl<A: Authenticator> GateLayer<A> {
    /// Guards by `method`.
    pub fn new(method: A) -> Self {
        Self {
            method,
            style: None,
        }
    }

    /// Passes the response to each refused request through `style`.
    ///
    /// The closure gets the head of the request, the refusal and the default response, which has the right
    /// status and `WWW-Authenticate` lines. It returns the response to send, to whose extensions the gate
    /// adds the reason. It is not called if a method answers with a response of its own, such as a redirect
    /// to a sign-in page.
    pub fn with_refusal_response<F>(mut self, style: F) -> Self
    where
        F: Fn(&Parts, &Refusal, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        self.style = Some(RefusalStyle::new(style));
        self
    }
}

impl<A: Authenticator> Gate<(), A> {
    /// The layer that guards services by `method`.
    pub fn layer(method: A) -> GateLayer<A> {
        GateLayer::new(method)
    }
}

impl<S, A: Authenticator + Clone> Layer<S> for GateLayer<A> {
    type Service = Gate<S, A>;

    fn layer(&self, inner: S) -> Gate<S, A> {
        Gate::with_style(inner, self.method.clone(), self.style.clone())
    }
}

/// Makes a layer of a method, so that one value works alone in a `ServiceBuilder` and as one of several
/// in `AnyOf`.
macro_rules! impl_layer_for_method {
    ($method:ident $(<$inner:ident>)?) => {
        impl<S $(, $inner: $crate::gate::Authenticator + Clone)?> tower_layer::Layer<S>
            for $method $(<$inner>)?
        {
            type Service = $crate::gate::Gate<S, Self>;

            fn layer(&self, inner: S) -> Self::Service {
                $crate::gate::Gate::new(inner, self.clone())
            }
        }
    };
}
pub(crate) use impl_layer_for_method;

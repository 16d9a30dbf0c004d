use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The one boxed future of the crate: the macro `boxed_future!` gives it its public names.
///
/// A box is needed where a trait has to be object-safe, or where an `async` block, whose type has no
/// name, is the future of a service.
pub(crate) enum BoxedFuture<'a, T> {
    #[cfg_attr(not(feature = "sigv4"), expect(dead_code))]
    Ready(Option<T>),
    Boxed(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

/// The output is never pinned.
impl<T> Unpin for BoxedFuture<'_, T> {}

impl<T> Future for BoxedFuture<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Self::Ready(output) => Poll::Ready(
                output
                    .take()
                    .expect("the future was polled after it had completed"),
            ),
            Self::Boxed(future) => future.as_mut().poll(cx),
        }
    }
}

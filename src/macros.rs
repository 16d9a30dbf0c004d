/// `get_ref`, `get_mut` and `into_inner` of a service that has another one in its field `inner`.
macro_rules! inner_service_accessors {
    () => {
        /// Gets a reference to the inner service.
        #[must_use]
        pub fn get_ref(&self) -> &S {
            &self.inner
        }

        /// Gets a mutable reference to the inner service.
        #[must_use]
        pub fn get_mut(&mut self) -> &mut S {
            &mut self.inner
        }

        /// Returns the inner service.
        #[must_use]
        pub fn into_inner(self) -> S {
            self.inner
        }
    };
}

/// A struct that gives a [`BoxedFuture`](crate::boxed_future::BoxedFuture) a name: its lifetime (or
/// `'static`), its output, and the functions that make one, each with a visibility of its own.
macro_rules! boxed_future {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(<$($generic:tt),+>)?: $lifetime:lifetime -> $output:ty;
        $($fn_vis:vis fn $constructor:ident;)+
    ) => {
        $(#[$meta])*
        $vis struct $name $(<$($generic),+>)? {
            future: $crate::boxed_future::BoxedFuture<$lifetime, $output>,
        }

        impl $(<$($generic),+>)? $name $(<$($generic),+>)? {
            $(boxed_future!(@$constructor $fn_vis, $lifetime, $output);)+
        }

        impl $(<$($generic),+>)? std::future::Future for $name $(<$($generic),+>)? {
            type Output = $output;

            fn poll(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                std::pin::Pin::new(&mut self.future).poll(cx)
            }
        }

        impl $(<$($generic),+>)? std::fmt::Debug for $name $(<$($generic),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
    (@new $vis:vis, $lifetime:lifetime, $output:ty) => {
        /// Boxes a future.
        #[must_use]
        $vis fn new(
            future: impl std::future::Future<Output = $output> + Send + $lifetime,
        ) -> Self {
            Self {
                future: $crate::boxed_future::BoxedFuture::Boxed(Box::pin(future)),
            }
        }
    };
    (@ready $vis:vis, $lifetime:lifetime, $output:ty) => {
        /// A future that is ready with this output, without a box.
        #[must_use]
        $vis fn ready(output: $output) -> Self {
            Self {
                future: $crate::boxed_future::BoxedFuture::Ready(Some(output)),
            }
        }
    };
}

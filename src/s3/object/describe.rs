use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::options::ObjectOptions;
use crate::cache_control::private;
use crate::path::ObjectKey;
use crate::upstream::copy_response_headers;

impl ObjectOptions {
    /// Makes a client's answer from S3's: the status, the headers that describe the object, and the
    /// body as it comes.
    ///
    /// An answer to an `authorised` request is kept out of shared caches.
    pub(super) fn describe<B>(
        &self,
        key: &ObjectKey,
        from_s3: Response<B>,
        authorised: bool,
    ) -> Response<B> {
        let (mut head, body) = from_s3.into_parts();
        let mut headers = HeaderMap::with_capacity(16);
        copy_response_headers(&head.headers, &self.more_headers, &mut headers);
        if let Some(content_type) = self.content_types.of(key.as_str()) {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        self.html.apply(&mut headers);
        if head.status == StatusCode::NOT_MODIFIED {
            // Some stores describe the body that they leave out. Others omit its type, and a
            // disposition that was chosen without the type would replace the one that the client has.
            for name in [
                CONTENT_DISPOSITION,
                CONTENT_LENGTH,
                CONTENT_RANGE,
                CONTENT_TYPE,
            ] {
                headers.remove(name);
            }
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if authorised {
            headers.insert(
                CACHE_CONTROL,
                private(head.headers.get_all(CACHE_CONTROL).iter()),
            );
            // Both: the gate may have taken the credential from either.
            headers.insert(VARY, HeaderValue::from_static("Authorization, Cookie"));
        }
        head.headers = headers;
        // The HTTP client's own, such as the address of S3.
        head.extensions.clear();
        Response::from_parts(head, body)
    }
}

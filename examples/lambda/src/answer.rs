use std::convert::Infallible;
use std::process;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, HeaderValue, Response};
use http_body::Body;
use http_body_util::BodyExt;
use lambda_http::lambda_runtime::{MetadataPrelude, StreamResponse};
use portcullis::gate::RefusalReason;
use portcullis::s3::S3Error;

use crate::stderr::{chain, say};

/// The streamed answer for Lambda: the head at once, and the body as it arrives.
pub(crate) fn streamed<B>(
    response: Response<B>,
) -> StreamResponse<impl Stream<Item = Result<Bytes, Infallible>> + Unpin + Send + use<B>>
where
    B: Body<Data = Bytes, Error = S3Error> + Unpin + Send + 'static,
{
    report(&response);
    let (head, body) = response.into_parts();
    StreamResponse {
        metadata_prelude: MetadataPrelude {
            status_code: head.status,
            headers: one_line_each(&head.headers),
            // Nothing in the stack sets one.
            cookies: Vec::new(),
        },
        stream: body
            .into_data_stream()
            .map(|chunk| Ok(chunk.unwrap_or_else(|error| break_off(&error)))),
    }
}

/// Ends the program, so that Lambda aborts the answer. Lambda starts another one for the next event.
///
/// If the runtime received an error, it would send it as text in the middle of the object, and end the
/// answer as if it were complete. The client could not tell, since Lambda drops the `Content-Length`.
fn break_off(error: &S3Error) -> ! {
    say(format_args!("an object broke off: {}", chain(error)));
    process::exit(1);
}

/// Logs the reason of a server error, which the body does not contain.
fn report<B>(response: &Response<B>) {
    let status = response.status();
    if !status.is_server_error() {
        return;
    }
    let extensions = response.extensions();
    let s3 = extensions.get::<S3Error>().map(|it| chain(it));
    let gate = || extensions.get::<RefusalReason>().map(|it| chain(it));
    let reason = s3.or_else(gate).unwrap_or_default();
    say(format_args!("{status}: {reason}"));
}

/// Joins the values of each header, since Lambda takes one for each name. It takes only text, so a value
/// that is not text, which S3 may have stored, is dropped.
fn one_line_each(headers: &HeaderMap) -> HeaderMap {
    let lines = headers.keys().filter_map(|name| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        let line = HeaderValue::from_str(&values.join(", ")).ok()?;
        (!values.is_empty()).then(|| (name.clone(), line))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, VARY, WWW_AUTHENTICATE};

    use super::*;

    #[test]
    fn each_header_has_one_line_of_text() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (WWW_AUTHENTICATE, &b"Bearer realm=\"a\""[..]),
            (WWW_AUTHENTICATE, b"Basic realm=\"a\", charset=\"UTF-8\""),
            (VARY, b"authorization"),
            (CONTENT_DISPOSITION, b"attachment; filename=\xE9"),
            (CONTENT_TYPE, b""),
        ] {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let joined = one_line_each(&headers);
        let expected = r#"Bearer realm="a", Basic realm="a", charset="UTF-8""#;
        assert_eq!(joined[WWW_AUTHENTICATE], expected);
        assert_eq!(joined[VARY], "authorization");
        assert_eq!(joined[CONTENT_TYPE], "");
        assert_eq!(joined.len(), 3);
    }
}

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::authorization::{Presented, authorization};
use super::basic::BasicCredentials;
use super::mismatch::Mismatch;

/// The kind of a credential that no method has taken, for the log. It repeats nothing of it but the issuer of a
/// JSON Web Token, which nobody has verified.
pub(super) fn not_taken(head: &Parts) -> Option<Mismatch> {
    if !head.headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let kind = if let Presented::Given(token) = authorization(head, "Bearer") {
        match json_web_token(&String::from_utf8_lossy(token)) {
            Some(kind) => kind,
            None => "an opaque bearer token".to_owned(),
        }
    } else if let Presented::Given(login) = BasicCredentials::from_head(head) {
        match json_web_token(login.password()) {
            Some(kind) => format!("{kind}, as a Basic password"),
            None => "a Basic password".to_owned(),
        }
    } else {
        // Without its scheme, which may be the secret itself.
        "neither a bearer token nor a Basic password".to_owned()
    };
    let mismatch = Mismatch::new("the credential", Some(&kind));
    Some(mismatch.with_expected(["one that a method of the gate takes"]))
}

fn json_web_token(text: &str) -> Option<String> {
    let mut parts = text.split('.');
    let (header, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let is_object = |part| Some(URL_SAFE_NO_PAD.decode(part).ok()?.first() == Some(&b'{'));
    if parts.next().is_some() || !is_object(header)? || !is_object(payload)? {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let issuer = issuer(std::str::from_utf8(&payload).ok()?);
    let issuer = issuer.map(|it| format!(" whose issuer is {it}"));
    let issuer = issuer.unwrap_or_default();
    Some(format!("a JSON Web Token{issuer}"))
}

/// The text after `"iss"`: a hint, for which no part of the gate needs a JSON parser.
fn issuer(payload: &str) -> Option<&str> {
    let (_, rest) = payload.split_once("\"iss\"")?;
    let rest = rest.trim_start().strip_prefix(':')?;
    let (issuer, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    (!issuer.contains('\\')).then_some(issuer)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use http::Request;

    use super::*;

    #[test]
    fn the_kind_of_a_credential_is_named() {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let jwt = |payload: &str| format!("{}.{}.s3cr3t", encode("{}"), encode(payload));
        let basic =
            |password: &str| format!("Basic {}", STANDARD.encode(format!("ana:{password}")));
        let issued = jwt(r#"{"aud": "x", "iss" : "https://idp.example"}"#);
        let of_issuer = "a JSON Web Token whose issuer is https://idp.example";
        for (field, expected) in [
            ("Bearer s3cr3t".to_owned(), "an opaque bearer token"),
            (
                "Bearer s3cr3t.s3cr3t.s3cr3t".to_owned(),
                "an opaque bearer token",
            ),
            (format!("bearer {issued}"), of_issuer),
            (format!("Bearer {}", jwt("{}")), "a JSON Web Token"),
            (
                format!("Bearer {}", jwt(r#"{"iss":"a\nb"}"#)),
                "a JSON Web Token",
            ),
            (basic("s3cr3t"), "a Basic password"),
            (basic(&issued), &format!("{of_issuer}, as a Basic password")),
            (
                "s3cr3t".to_owned(),
                "neither a bearer token nor a Basic password",
            ),
        ] {
            let request = Request::get("/").header("authorization", &field);
            let (head, ()) = request.body(()).unwrap().into_parts();
            let found = not_taken(&head).unwrap();
            assert_eq!(found.given(), Some(expected), "{field}");
            assert!(!found.to_string().contains("s3cr3t"), "{field}");
        }
        let (head, ()) = Request::get("/").body(()).unwrap().into_parts();
        assert_eq!(not_taken(&head), None);
    }
}

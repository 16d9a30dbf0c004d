//! The carriers of tokens, and their consequences for the response.

use super::*;

#[tokio::test]
async fn a_token_is_removed_from_all_carriers() {
    for (name, _) in carriers() {
        for token in ["good", "later-good"] {
            let answer = through(&everywhere(), carrying(name, token)).await;
            assert_eq!(answer.status, 200, "{name}, {token}");
            let seen = answer.seen();
            let identity = seen.extensions.get::<Identity>().unwrap();
            assert_eq!(identity.subject(), "ana");
            assert_eq!(identity.is_by_cookie(), name == "cookie", "{name}, {token}");
            assert!(!format!("{:?}", seen.headers).contains("good"), "{name}");
            assert!(!seen.headers.contains_key("authorization"), "{name}");
            assert_eq!(seen.uri, "/x?a=1", "{name}");
            assert!(seen.extensions.get::<TokenFromPath>().is_none(), "{name}");
        }
        // By default, the other carriers are neither read nor stripped.
        let answer = through(&layer(), carrying(name, "good")).await;
        let is_default = matches!(name, "bearer" | "basic");
        assert_eq!(answer.passed(), is_default, "{name}");
        if !is_default {
            assert_eq!(parsed(&answer), expected(401, None), "{name}");
        }
    }
    let public = PublicPaths::new(["/x"], everywhere()).unwrap();
    let mut request = get("/x?a=1", &[]);
    for (name, _) in carriers() {
        put(&mut request, name, "good");
    }
    let answer = through(&public, request).await;
    let seen = answer.seen();
    assert_eq!(seen.uri, "/x?a=1");
    assert_eq!(seen.headers.len(), 1, "{:?}", seen.headers);
    assert_eq!(seen.headers["cookie"], "a=1");
}

#[tokio::test]
async fn tokens_by_two_carriers_make_the_request_malformed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let counting = move |token: &str| {
        counter.fetch_add(1, Ordering::Relaxed);
        verify(token)
    };
    let layer = TokenAuthLayer::new("packages", counting)
        .unwrap()
        .with_carriers(carriers().into_iter().map(|(_, carrier)| carrier))
        .unwrap();
    let names: Vec<_> = carriers().into_iter().map(|(name, _)| name).collect();
    for (i, first) in names.iter().enumerate() {
        for second in &names[i + 1..] {
            for tokens in [["good", "good"], ["good", "whatever"], ["whatever", "good"]] {
                let mut request = carrying(first, tokens[0]);
                put(&mut request, second, tokens[1]);
                let answer = through(&layer, request).await;
                let row = format!("{first} and {second}, {tokens:?}");
                assert_eq!(answer.status, 400, "{row}");
                assert_eq!(
                    parsed(&answer),
                    expected(400, Some("invalid_request")),
                    "{row}"
                );
            }
        }
    }
    // A carrier beside malformed Basic credentials too, in either order.
    for second in ["header", "cookie", "query", "path"] {
        let mut request = carrying(second, "good");
        request
            .headers_mut()
            .insert("authorization", "Basic ???".parse().unwrap());
        assert_eq!(through(&layer, request).await.status, 400, "{second}");
    }
    assert_eq!(
        asked.load(Ordering::Relaxed),
        0,
        "the verifier was not asked"
    );
    assert_eq!(through(&layer, carrying("query", "good")).await.status, 200);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_cookie_authorises_no_cross_site_change() {
    for token in ["good", "later-good"] {
        for (carrier, method, site, status) in [
            ("cookie", Method::POST, None, 403),
            ("cookie", Method::POST, Some("cross-site"), 403),
            ("cookie", Method::POST, Some("same-origin"), 200),
            ("cookie", Method::GET, Some("cross-site"), 200),
            ("header", Method::POST, Some("cross-site"), 200),
        ] {
            let mut request = carrying(carrier, token);
            *request.method_mut() = method.clone();
            if let Some(site) = site {
                let site = site.parse().unwrap();
                request.headers_mut().insert("sec-fetch-site", site);
            }
            let answer = through(&everywhere(), request).await;
            assert_eq!(
                answer.status.as_u16(),
                status,
                "{carrier}, {method}, {site:?}"
            );
            assert!(
                answer.all("www-authenticate").is_empty(),
                "another token would not help"
            );
        }
    }
}

#[tokio::test]
async fn responses_to_tokens_outside_authorization_are_private() {
    for (stored, private) in [
        (None, "private, no-cache"),
        (Some("public, max-age=60"), "private, max-age=60"),
        (Some("no-store"), "no-store"),
        (Some("no-cache"), "private, no-cache"),
        (Some("s-maxage=60, immutable"), "private, immutable"),
    ] {
        let inner = service_fn(move |_: Request<Body>| async move {
            let mut response = Response::new(Full::<Bytes>::default());
            if let Some(stored) = stored {
                let stored = stored.parse().unwrap();
                response.headers_mut().insert("cache-control", stored);
            }
            Ok::<_, Infallible>(response)
        });
        for (name, _) in carriers() {
            for token in ["good", "later-good", "anyone"] {
                let stack = everywhere().layer(Echo::new(inner));
                let answer = send(stack, carrying(name, token)).await;
                let expected = match name {
                    "bearer" | "basic" => stored,
                    _ => Some(private),
                };
                assert_eq!(answer.status, 200);
                assert_eq!(answer.header("cache-control"), expected, "{name}, {token}");
            }
        }
    }
}

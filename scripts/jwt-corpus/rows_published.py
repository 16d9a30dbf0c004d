"""Tokens as RFCs print them, and claims signed with the keys that RFCs print."""

import published
from corpus import claims
from signing import Secret

JOE = {"issuer": "joe", "audiences": None, "now": 1_300_819_379}


def add_rows(corpus):
    a1 = Secret("rfc7515-a1", published.A1_SECRET)
    keys = {
        "A.1 (HS256)": (published.A1, corpus.secret("HS256", a1)),
        "A.2 (RS256)": (published.A2, corpus.jwks("rfc7515-a2", published.A2_KEY.public(kid=None))),
        "A.3 (ES256)": (published.A3, corpus.jwks("rfc7515-a3", published.A3_KEY.public(kid=None))),
    }
    for place, (token, key_set) in keys.items():
        name = f"RFC 7515 {place}"
        more = {"keys": key_set, "source": name}
        corpus.refuse(
            name, token, "as published, a second before it expires: it has no sub, and names nobody", rules=JOE, **more
        )
        corpus.refuse(
            f"{name}, an audience is asked for", token, "it has no aud", rules=JOE | {"audiences": ["packages"]}, **more
        )
        corpus.refuse(f"{name}, another issuer", token, "its iss is joe", rules=JOE | {"issuer": "Joe"}, **more)
        algorithm = place.split("(")[1].rstrip(")")
        signer = {"HS256": a1, "RS256": published.A2_KEY, "ES256": published.A3_KEY}[algorithm]
        for library, sign in (("joserfc", corpus.signing.by_joserfc), ("jose", corpus.signing.by_jose)):
            corpus.accept(
                f"{name}, claims by {library}",
                sign(algorithm, signer, claims(), {}),
                "claims signed with the key of the RFC",
                keys=key_set,
                source=library,
                subject="ci",
            )
    corpus.refuse(
        "RFC 7515 A.3 with the key of A.4",
        published.A3,
        "a key of P-521 does not permit ES256",
        rules=JOE,
        source="RFC 7515 A.3",
        keys=corpus.jwks("rfc7515-a4", published.A4_KEY.public(kid=None)),
    )
    corpus.refuse(
        "RFC 7515 A.2 with another key",
        published.A2,
        "the key is that of RFC 7520",
        rules=JOE,
        source="RFC 7515 A.2",
        keys=corpus.jwks("rfc7520-rsa, unnamed", published.COOKBOOK_RSA.public(kid=None, use="sig")),
    )
    corpus.refuse(
        "RFC 7515 A.4 (ES512)",
        published.A4,
        "the payload is the word Payload, not claims",
        source="RFC 7515 A.4",
        keys="rfc7515-a4",
    )
    corpus.absent(
        "RFC 7515 A.5 (none)",
        published.A5,
        "the third part is empty",
        source="RFC 7515 A.5",
        keys="rfc7515-a2",
        rules=JOE,
    )
    sets = {
        "4.1 (RS256)": corpus.jwks("rfc7520-rsa", published.COOKBOOK_RSA.public(use="sig")),
        "4.3 (ES512)": corpus.jwks("rfc7520-ec", published.COOKBOOK_EC.public(use="sig")),
        "4.4 (HS256)": corpus.secret("HS256", Secret("rfc7520-hmac", published.COOKBOOK_SECRET)),
    }
    sets["4.2 (PS384)"] = sets["4.1 (RS256)"]
    for place, (key, token) in published.COOKBOOK.items():
        corpus.refuse(
            f"RFC 7520 {place}",
            token,
            "the payload is a sentence, not claims",
            keys=sets[place],
            source=f"RFC 7520 {place}",
        )
        algorithm = place.split("(")[1].rstrip(")")
        key = Secret("rfc7520-hmac", key) if isinstance(key, bytes) else key
        token = corpus.signing.by_joserfc(algorithm, key, claims(), {"kid": published.BILBO})
        corpus.accept(
            f"RFC 7520 {place}, claims",
            token,
            "claims signed with the key of the RFC",
            keys=sets[place],
            source="joserfc",
            subject="ci",
        )
    corpus.absent(
        "RFC 7520 4.5 (detached)",
        published.COOKBOOK_DETACHED,
        "the second part is empty",
        keys=sets["4.4 (HS256)"],
        source="RFC 7520 4.5",
    )
    ed = corpus.jwks("rfc8037", published.ED25519_KEY.public(kid=None))
    corpus.refuse(
        "RFC 8037 A.4", published.ED25519, "the payload is a sentence, not claims", keys=ed, source="RFC 8037 A.4"
    )
    for library, sign in (("joserfc", corpus.signing.by_joserfc), ("jose", corpus.signing.by_jose)):
        token = sign("EdDSA", published.ED25519_KEY, claims(), {})
        corpus.accept(
            f"RFC 8037 A.1, claims by {library}",
            token,
            "claims signed with the key of the RFC",
            keys=ed,
            source=library,
            subject="ci",
        )
    token = corpus.signing.by_joserfc("ES512", published.A4_KEY, claims(), {})
    corpus.accept(
        "RFC 7515 A.4, claims",
        token,
        "claims signed with the key of the RFC",
        keys="rfc7515-a4",
        source="joserfc",
        subject="ci",
    )

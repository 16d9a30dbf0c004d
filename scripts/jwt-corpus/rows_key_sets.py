"""Key sets: what each key is for, that one bad key spoils no other, and secrets."""

import json

import material
from corpus import Secret, claims
from material import b64, stray_bits, unb64


def add_rows(corpus):
    add_uses(corpus)
    add_secrets(corpus)
    add_sets(corpus)


def add_uses(corpus):
    """`use`, `key_ops` and `alg` of the key that signed the common token."""
    token, ed = corpus.signed(), corpus.ed
    good = {
        "use is sig": {"use": "sig"},
        "key_ops has verify": {"key_ops": ["verify"]},
        "key_ops has sign and verify": {"key_ops": ["sign", "verify"]},
        "use and key_ops": {"use": "sig", "key_ops": ["verify"]},
        "alg is EdDSA": {"alg": "EdDSA"},
        "alg is Ed25519": {"alg": "Ed25519"},
        "unknown members": {"x-note": {"a": [1]}, "exp": 1},
    }
    for what, members in good.items():
        corpus.accept(
            f"key: {what}", token, "a key for signatures", keys=corpus.jwks(f"ed, {what}", ed.public(**members))
        )
    wrong = {
        "use is enc": {"use": "enc"},
        "use is SIG": {"use": "SIG"},
        "use is empty": {"use": ""},
        "use is an array": {"use": ["sig"]},
        "use is a number": {"use": 1},
        "key_ops has sign alone": {"key_ops": ["sign"]},
        "key_ops is empty": {"key_ops": []},
        "key_ops is a string": {"key_ops": "verify"},
        "key_ops has a number": {"key_ops": ["verify", 1]},
        "key_ops is for encryption": {"key_ops": ["encrypt", "wrapKey"]},
        "use is enc, key_ops has verify": {"use": "enc", "key_ops": ["verify"]},
        "alg is ES256": {"alg": "ES256"},
        "alg is RS256": {"alg": "RS256"},
        "alg is HS256": {"alg": "HS256"},
        "alg is none": {"alg": "none"},
        "alg is eddsa": {"alg": "eddsa"},
        "alg is Ed448": {"alg": "Ed448"},
        "alg is a number": {"alg": 1},
        "kty is EC": {"kty": "EC"},
        "kty is okp": {"kty": "okp"},
        "kty is RSA": {"kty": "RSA"},
        "kty is oct": {"kty": "oct", "k": ed.jwk["x"]},
        "kty is absent": {"kty": None},
        "crv is X25519": {"crv": "X25519"},
        "crv is Ed448": {"crv": "Ed448"},
        "crv is P-256": {"crv": "P-256"},
        "crv is absent": {"crv": None},
        "kid is a number": {"kid": 1},
        "x is a number": {"x": 1},
        "x is absent": {"x": None},
        "x is empty": {"x": ""},
        "x is short": {"x": b64(unb64(ed.jwk["x"])[:-1])},
        "x is long": {"x": ed.jwk["x"] + "AA"},
        "x is padded": {"x": ed.jwk["x"] + "="},
        "x has stray bits": {"x": stray_bits(ed.jwk["x"])},
        "it is private": {"d": ed.jwk["d"]},
    }
    for what, members in wrong.items():
        corpus.refuse(
            f"key: {what}",
            token,
            "the key is not usable for EdDSA",
            keys=corpus.jwks(f"ed, {what}", ed.public(**members)),
        )
    narrowed = corpus.jwks("rsa, alg is PS256", corpus.rsa.public(alg="PS256"))
    for algorithm in ("RS256", "PS256", "PS384"):
        token = corpus.signing.by_joserfc(algorithm, corpus.rsa, claims(), {"kid": "rsa"})
        verdict = "accepted" if algorithm == "PS256" else "invalid"
        corpus.add(
            f"key: its alg is PS256, the token's {algorithm}",
            token,
            verdict,
            "alg of the key is the only one that it permits",
            keys=narrowed,
            source="joserfc",
        )


def add_secrets(corpus):
    for algorithm in ("HS256", "HS384", "HS512"):
        size = int(algorithm[2:]) // 8
        for length in (0, 1, size - 1, size, size + 1, 200):
            secret = Secret(f"{algorithm} secret of {length}", material.octets(f"{algorithm} {length}", length))
            token = corpus.signing.compact(algorithm, secret, {"alg": algorithm}, claims())
            corpus.add(
                f"{algorithm}: a secret of {length} octets",
                token,
                "accepted" if length >= size else "misconfigured",
                "a secret is as long as the hash at least (RFC 7518 §3.2)",
                keys=corpus.secret(algorithm, secret),
            )
    pem = Secret("a PEM as secret", corpus.rsa.pem().encode())
    token = corpus.signing.compact("HS256", pem, {"alg": "HS256"}, claims())
    corpus.add(
        "HS256: a PEM as the secret", token, "misconfigured", "a PEM is no secret", keys=corpus.secret("HS256", pem)
    )
    key = Secret("for RS256", material.octets("for RS256", 32))
    corpus.add(
        "RS256: a secret for it",
        token,
        "misconfigured",
        "a secret is for HS256, HS384 and HS512 alone",
        keys=corpus.key_set("a secret for RS256", {"secret": b64(key.octets), "algorithm": "RS256"}),
    )
    oct_key = material.Key("oct", {"kty": "oct", "k": b64(key.octets)})
    token = corpus.signing.compact("HS256", key, {"alg": "HS256", "kid": "oct"}, claims())
    corpus.refuse(
        "JWKS: a secret among the keys",
        token,
        "a secret that is published is none",
        keys=corpus.jwks("oct", oct_key.public(alg="HS256"), corpus.ed.public()),
    )


def add_sets(corpus):
    token, ed = corpus.signed(), corpus.ed.public()
    strangers = [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "pq"},
        {"kty": "oct", "k": "AAAA", "kid": "secret"},
        {"kty": "OKP", "crv": "Ed448", "x": "AAAA", "kid": "448"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "off"},
        {"kty": "RSA", "n": "AAAA", "e": "AQAB", "kid": "small"},
        {"kty": 1},
        {},
        {"kid": "ed"},
        {"kty": "XYZ", "kid": "ed"},
    ]
    spoiled = corpus.jwks("ed, among unusable keys", *strangers, ed, *strangers)
    corpus.accept("JWKS: among unusable keys", token, "unusable keys are left out, the others kept", keys=spoiled)
    texts = {
        "members besides keys": (
            json.dumps({"x": 1, "keys": [ed], "next": None}),
            "accepted",
            "unknown members are ignored (RFC 7517 §5)",
        ),
        "white space": (json.dumps({"keys": [ed]}, indent=4) + "\n", "accepted", "JSON allows it"),
        "no keys": ('{"keys":[]}', "invalid", "no key"),
        "another member for keys": (json.dumps({"Keys": [ed]}), "misconfigured", "no member named keys"),
        "keys twice": ('{"keys":[],"keys":%s}' % json.dumps([ed]), "misconfigured", "one name twice"),
        "keys is an object": (json.dumps({"keys": {"ed": ed}}), "misconfigured", "keys is an array"),
        "a key that is a string": (json.dumps({"keys": ["x", ed]}), "accepted", "the others are kept"),
        "one bare key": (json.dumps(ed), "misconfigured", "a set has keys"),
        "an array": (json.dumps([ed]), "misconfigured", "a set is an object"),
        "cut off": (json.dumps({"keys": [ed]})[:-1], "misconfigured", "not JSON"),
        "nothing": ("", "misconfigured", "not JSON"),
        "HTML": ("<html><body>404</body></html>", "misconfigured", "not JSON"),
        "a byte order mark": ("\ufeff" + json.dumps({"keys": [ed]}), "misconfigured", "JSON begins with no mark"),
        "text after it": (json.dumps({"keys": [ed]}) + "x", "misconfigured", "the object is not all"),
        "100 keys": (json.dumps({"keys": [{"kty": "x"}] * 99 + [ed]}), "accepted", "at most 100 keys"),
        "101 keys": (json.dumps({"keys": [{"kty": "x"}] * 100 + [ed]}), "misconfigured", "at most 100 keys"),
        "a member twice in a key": (
            json.dumps({"keys": [ed]}).replace('"kty": "OKP"', '"kty": "OKP", "kty": "OKP"'),
            "invalid",
            "such a key is not usable",
        ),
        "x twice in a key": (
            json.dumps({"keys": [ed]}).replace('"crv"', '"x": "AAAA", "crv"'),
            "invalid",
            "such a key is not usable",
        ),
        "a member twice in another key": (
            json.dumps({"keys": [{"kty": "RSA"}, ed]}).replace('"kty": "RSA"', '"kty": "RSA", "kty": "EC"'),
            "accepted",
            "the others are kept",
        ),
    }
    for what, (text, verdict, reason) in texts.items():
        corpus.add(f"JWKS: {what}", token, verdict, reason, keys=corpus.key_set(f"set, {what}", {"jwks": text}))
    add_names(corpus, token, ed)


def add_names(corpus, token, ed):
    """Keys that share a name, and keys that have none beside keys that do."""
    second = material.ed25519_key("second ed")
    by_second = corpus.signing.compact("EdDSA", second, {"alg": "EdDSA", "kid": "ed"}, claims())
    same = corpus.jwks("one name twice", ed, second.public(kid="ed"))
    corpus.accept("JWKS: the first of one name", token, "the first key counts", keys=same)
    corpus.refuse("JWKS: the second of one name", by_second, "the first key of a name counts", keys=same)
    types = corpus.jwks("one name, two types", corpus.rsa.public(kid="x"), corpus.ed.public(kid="x"))
    for algorithm, key in (("EdDSA", corpus.ed), ("RS256", corpus.rsa)):
        shared = corpus.signing.by_joserfc(algorithm, key, claims(), {"kid": "x"})
        corpus.accept(
            f"JWKS: one name for two types, {algorithm}",
            shared,
            "the algorithm tells them apart",
            keys=types,
            source="joserfc",
        )
    mixed = corpus.jwks("named and unnamed", second.public(), corpus.ed.public(kid=None))
    corpus.refuse(
        "JWKS: a name that no key has, an unnamed key",
        token,
        "where keys have names, a token's is that of one",
        keys=mixed,
    )
    unnamed = corpus.signing.compact("EdDSA", corpus.ed, {"alg": "EdDSA"}, claims())
    corpus.accept("JWKS: no name, two keys that fit", unnamed, "each key that fits is tried", keys=mixed)
    first_unusable = corpus.jwks("one name twice, the first unusable", corpus.ed.public(use="enc"), ed)
    corpus.accept(
        "JWKS: one name twice, the first for encryption",
        token,
        "an unusable key does not take the name",
        keys=first_unusable,
    )

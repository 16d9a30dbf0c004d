"""The header: algorithm, key name, type, and all that a token would like to have a say in."""

import hashlib
import json

import material
from corpus import GONE, claims
from material import b64
from signing import Secret, dumps


def add_rows(corpus):
    add_algorithms(corpus)
    add_keys_within(corpus)
    add_extensions(corpus)
    add_types(corpus)
    add_kids(corpus)


def add_algorithms(corpus):
    wrong = {
        "none": "none",
        "None": "None",
        "NONE": "NONE",
        "nOnE": "nOnE",
        "none and a space": "none ",
        "lower case": "eddsa",
        "a space after": "EdDSA ",
        "a space before": " EdDSA",
        "empty": "",
        "unknown": "XX256",
        "NUL after": "EdDSA\0",
        "Ed448": "Ed448",
        "ES256K": "ES256K",
        "RS1": "RS1",
        "RSA-OAEP": "RSA-OAEP",
        "dir": "dir",
        "HS256": "HS256",
        "ML-DSA-44": "ML-DSA-44",
        "a number": 5,
        "null": None,
        "an array": ["EdDSA"],
        "true": True,
        "an object": {"alg": "EdDSA"},
    }
    for what, alg in wrong.items():
        corpus.refuse(f"alg: {what}", corpus.with_header(alg=alg), "the signature is right for EdDSA, which alg is not")
    corpus.refuse("alg: absent", corpus.with_header(alg=GONE), "alg is required (RFC 7515 §4.1.1)")
    corpus.accept("alg: Ed25519", corpus.with_header(alg="Ed25519"), "the name that RFC 9864 gives EdDSA with Ed25519")
    payload = b64(dumps(claims()))
    for spelling in ("none", "None", "NONE", "nOnE"):
        head = b64(dumps({"alg": spelling, "kid": "ed"}))
        corpus.absent(f"alg: {spelling}, no signature", f"{head}.{payload}.", "the third part is empty")
        corpus.refuse(f"alg: {spelling}, a signature of one octet", f"{head}.{payload}.AA", "none is never permitted")
        empty_hmac = corpus.signing.signature("HS256", Secret("empty", b""), f"{head}.{payload}")
        corpus.refuse(
            f"alg: {spelling}, an HMAC by nothing", f"{head}.{payload}.{empty_hmac}", "none is never permitted"
        )
    only = {"algorithms": ["EdDSA"]}
    corpus.accept("algorithms: the one in use", corpus.signed(), "permitted by the issuer", rules=only)
    corpus.accept(
        "algorithms: the one in use, by its other name",
        corpus.with_header(alg="Ed25519"),
        "EdDSA with Ed25519 is one algorithm",
        rules=only,
    )
    corpus.refuse(
        "algorithms: others alone",
        corpus.signed(),
        "the issuer permits RS256 and ES256",
        rules={"algorithms": ["RS256", "ES256"]},
    )
    token = corpus.signing.by_pyjwt("PS256", corpus.rsa, claims(), {"kid": "rsa"})
    corpus.refuse(
        "algorithms: PS256 where RS256 is permitted",
        token,
        "the issuer permits RS256",
        source="PyJWT",
        keys=corpus.rsas,
        rules={"algorithms": ["RS256"]},
    )
    corpus.accept(
        "algorithms: PS256 where it is permitted",
        token,
        "the issuer permits PS256",
        source="PyJWT",
        keys=corpus.rsas,
        rules={"algorithms": ["PS256"]},
    )


def add_keys_within(corpus):
    """A header may bring a key or say where one is; it is worth nothing (CVE-2018-0114)."""
    stranger = material.ed25519_key("stranger")
    public = stranger.public()
    brought = {
        "jwk": public,
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["MIIB"],
        "x5t": b64(hashlib.sha1(b"x").digest()),
        "x5t#S256": b64(hashlib.sha256(b"x").digest()),
    }
    for member, value in brought.items():
        for kid, name in (("ed", "under the right kid"), ("stranger", "under its own kid"), (None, "without kid")):
            header = {"alg": "EdDSA", member: value} | ({"kid": kid} if kid else {})
            token = corpus.signing.compact("EdDSA", stranger, header, claims())
            corpus.refuse(f"{member}: a stranger's key {name}", token, "signed by a key that is not in the set")
        corpus.accept(
            f"{member}: beside the right key",
            corpus.with_header(**{member: value}),
            "what the header brings has no influence",
        )
    corpus.accept(
        "jwk: of a wrong type, beside the right key",
        corpus.with_header(jwk="x"),
        "what the header brings has no influence",
    )


def add_extensions(corpus):
    for what, crit in {
        "unknown": ["x"],
        "known (exp)": ["exp"],
        "known (b64)": ["b64"],
        "empty": [],
        "of a wrong type": "x",
        "null": None,
        "an object": {},
        "naming alg": ["alg"],
        "twice the same": ["x", "x"],
    }.items():
        corpus.refuse(
            f"crit: {what}", corpus.with_header(crit=crit, x=1, exp=corpus_now()), "crit is refused, whatever it says"
        )
    for value in (False, True, None):
        corpus.refuse(f"b64: {json.dumps(value)}", corpus.with_header(b64=value), "b64 is refused, crit or not")
    head = b64(dumps({"alg": "EdDSA", "kid": "ed", "b64": False, "crit": ["b64"]}))
    raw = "payload"
    signature = corpus.signing.signature("EdDSA", corpus.ed, f"{head}.{raw}")
    corpus.refuse(
        "b64: false, a bare payload", f"{head}.{raw}.{signature}", "an unencoded payload (RFC 7797) is no JWT"
    )
    for value in ("NONE", "DEF", "", None, 1):
        corpus.accept(f"zip: {json.dumps(value)}", corpus.with_header(zip=value), "a parameter of encrypted tokens")
    corpus.refuse("cty: JWT", corpus.with_header(cty="JWT"), "a token within a token (RFC 7519 §5.2)")
    corpus.refuse("cty: jwt", corpus.with_header(cty="jwt"), "a token within a token, in lower case")
    nested = corpus.signed(payload=corpus.signed().encode(), header={"alg": "EdDSA", "kid": "ed", "cty": "JWT"})
    corpus.refuse("cty: JWT, and a token inside", nested, "a token within a token (RFC 7519 §5.2)")
    corpus.refuse(
        "enc: in a signed token", corpus.with_header(enc="A128GCM", alg="dir"), "an encrypted token of three parts"
    )


def corpus_now():
    return 1_700_003_600


def add_types(corpus):
    any_case = ["JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+JWT", "application/jwt"]
    for typ in any_case:
        corpus.accept(f"typ: {typ}", corpus.with_header(typ=typ), "a token, or an access token, in any case")
    corpus.accept("typ: absent", corpus.signed(), "typ is optional")
    for typ in (
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "id+jwt",
        "entity-statement+jwt",
        "JOSE",
        "jose+json",
        "",
        "JWT ",
        " JWT",
        "at+jwt; charset=utf-8",
        "application/",
        "application/application/jwt",
        "at jwt",
    ):
        corpus.refuse(
            f"typ: {typ!r}", corpus.with_header(typ=typ), "a token of another kind is not for us (RFC 8725 §3.11)"
        )
    for name, value in {"null": None, "a number": 1, "an array": ["JWT"]}.items():
        corpus.refuse(f"typ: {name}", corpus.with_header(typ=value), "typ is a string")


def add_kids(corpus):
    ed, other = corpus.ed, material.ed25519_key("second ed")
    two = corpus.jwks("two of a kind", ed.public(), other.public())
    mixed = corpus.jwks("ed and rsa", ed.public(), corpus.rsa.public())
    unnamed = corpus.jwks("unnamed", ed.public(kid=None))
    without = corpus.with_header(kid=GONE)
    corpus.accept("kid: absent, one key", without, "one key alone permits the algorithm")
    corpus.accept("kid: absent, one key that fits", without, "one key alone permits the algorithm", keys=mixed)
    corpus.accept("kid: absent, two keys that fit", without, "each key that fits is tried", keys=two)
    corpus.accept("kid: present, two keys", corpus.signed(), "the name tells", keys=two)
    corpus.accept("kid: a key without name", corpus.signed(), "a key without name fits every name", keys=unnamed)
    corpus.accept("kid: absent, a key without name", without, "one key alone permits the algorithm", keys=unnamed)
    wrong = {
        "another": "x",
        "empty": "",
        "in other case": "ED",
        "a space after": "ed ",
        "a prefix": "e",
        "longer": "ed2",
        "a path": "../../dev/null",
        "an injection": "ed' OR '1'='1",
        "a URL": "https://evil.example/keys",
        "NUL after": "ed\0",
        "very long": "x" * 5000,
    }
    for what, kid in wrong.items():
        corpus.refuse(f"kid: {what}", corpus.with_header(kid=kid), "no key has this very name")
    for what, kid in {"a number": 1, "null": None, "an array": ["ed"], "an object": {}, "true": True}.items():
        corpus.refuse(f"kid: {what}", corpus.with_header(kid=kid), "kid is a string (RFC 7515 §4.1.4)")
        corpus.refuse(
            f"kid: {what}, a key without name",
            corpus.with_header(kid=kid),
            "kid is a string (RFC 7515 §4.1.4)",
            keys=unnamed,
        )
    odd = material.Key('Schlüssel/1 "x" 🔑', ed.jwk)
    token = corpus.signing.by_jose("EdDSA", odd, claims(), {"kid": odd.name})
    corpus.accept(
        "kid: any characters",
        token,
        "a name is compared, and used for nothing else",
        source="jose",
        keys=corpus.jwks("odd name", odd.public()),
    )
    named_wrong = corpus.signing.compact("EdDSA", other, {"alg": "EdDSA", "kid": "ed"}, claims())
    corpus.refuse("kid: that of another key of the set", named_wrong, "the key of that name did not sign it", keys=two)
    rsa_named = corpus.signing.compact("EdDSA", ed, {"alg": "EdDSA", "kid": "rsa"}, claims())
    corpus.refuse(
        "kid: that of a key of another type", rsa_named, "the key of that name does not permit EdDSA", keys=mixed
    )

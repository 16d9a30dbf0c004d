"""Tokens for benches/peers, whose other crates read the clock of the machine: they are good until 2100."""

import json

import material
from corpus import GONE, ISSUER, claims
from signing import Secret

CENTURY = 4_102_444_800
STRANGER = "https://other.example"
# Brings a token by RS256 to about 800 characters, as those of identity providers have.
USUAL = {
    "azp": "wheels-ci",
    "jti": "5f1c2a7e-3b44-4b6e-9d0f-8a1b2c3d4e5f",
    "email": "ci@example.org",
    "email_verified": True,
    "name": "Wheels, continuously",
    "groups": ["builders", "readers"],
}


def made(corpus):
    """The keys, one good token for each algorithm, and the rows of a table."""
    point = material.ec_key("P-256", "P-256")
    public = [
        corpus.rsa.public(alg="RS256", use="sig"),
        point.public(alg="ES256", use="sig"),
        corpus.ed.public(alg="EdDSA", use="sig"),
    ]
    jwks = material.jwks(*public)
    keys = {"RS256": corpus.rsa, "ES256": point, "EdDSA": corpus.ed}
    rows = []

    def token(algorithm="RS256", header=None, payload=None, **changes):
        key = keys[algorithm]
        merged = {"alg": algorithm, "kid": key.name, "typ": "JWT"} | (header or {})
        header = {name: value for name, value in merged.items() if value is not GONE}
        return corpus.signing.compact(algorithm, key, header, payload or claims(**{"exp": CENTURY} | USUAL | changes))

    def add(name, text, expect, keys=jwks, **more):
        rows.append({"name": name, "jwks": keys, "token": text, "expect": expect, **more})

    for algorithm in keys:
        add(f"right, {algorithm}", token(algorithm), "accepted")
    good = json.dumps(claims(**{"exp": CENTURY} | USUAL), separators=(",", ":"))
    add("crit names an unknown parameter", token(header={"crit": ["x"], "x": 1}), "refused")
    add("b64 is false", token(header={"crit": ["b64"], "b64": False}), "refused")
    add("typ is logout+jwt", token(header={"typ": "logout+jwt"}), "refused")
    add("cty says a token within", token(header={"cty": "JWT"}), "refused")
    add("no kid, one key fits", token(header={"kid": GONE}), "accepted")
    add("exp is absent", token(exp=GONE), "refused")
    add("exp is a string", token(exp=str(CENTURY)), "refused")
    add("exp has passed", token(exp=1_700_000_000), "refused")
    add("nbf is to come", token(nbf=CENTURY - 1), "refused")
    add("nbf is a string", token(nbf="x"), "refused")
    add("iat is to come", token(iat=CENTURY - 1), "refused")
    add("iss is another", token(iss=STRANGER), "refused")
    add("iss is absent", token(iss=GONE), "refused")
    add("iss is an array", token(iss=[ISSUER, STRANGER]), "refused")
    add("aud is another", token(aud="docs"), "refused")
    add("aud is absent", token(aud=GONE), "refused")
    add("sub is there twice", token(payload=(good[:-1] + ',"sub":"root"}').encode()), "refused")
    add("an ID token (at_hash)", token(at_hash="x", nonce="n"), "refused")
    add("zip is there", token(header={"zip": "NONE"}), "accepted")
    secret = Secret("public", corpus.rsa.pem().encode())
    add(
        "HS256 with the public PEM",
        corpus.signing.compact("HS256", secret, {"alg": "HS256", "kid": "rsa"}, claims(exp=CENTURY)),
        "refused",
    )
    small = material.rsa_key("rsa 1024", 1024)
    text = corpus.signing.compact("RS256", small, {"alg": "RS256", "kid": small.name}, claims(exp=CENTURY))
    add("RSA of 1024 bits", text, "refused", keys=material.jwks(small.public(alg="RS256")))
    add("the key is for encryption", token(), "refused", keys=material.jwks(corpus.rsa.public(alg="RS256", use="enc")))
    add(
        "a post-quantum key beside",
        token(),
        "accepted",
        keys=material.jwks({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "pq"}, *public),
    )
    add(
        "a broken key beside",
        token(),
        "accepted",
        keys=material.jwks({"kty": "RSA", "n": "!", "e": "AQAB", "kid": "x", "alg": "RS256"}, *public),
    )
    add("scope treasure:read is asked, and there", token(scope="treasure:read"), "accepted", scope="treasure:read")
    add(
        "scope treasure:read is asked, treasure:readonly there",
        token(scope="treasure:readonly"),
        "refused",
        scope="treasure:read",
    )
    return {"issuer": ISSUER, "audience": "packages", "rows": rows}

"""Points and moduli: those of a JWK that its signature would agree with, and that are no good all the same."""

import math

import material
from corpus import claims
from material import b64, octets_of, stray_bits, unb64
from signing import dumps, encoded_message


def add_rows(corpus):
    add_points(corpus)
    add_rsa_sizes(corpus)
    add_rsa_members(corpus)
    add_even_exponent(corpus)


def add_points(corpus):
    for algorithm, crv in (("ES256", "P-256"), ("ES384", "P-384"), ("ES512", "P-521")):
        key = material.ec_key(crv, crv)
        token = corpus.signing.by_joserfc(algorithm, key, claims(), {"kid": crv})
        x, y = unb64(key.jwk["x"]), unb64(key.jwk["y"])
        prime = {
            "P-256": 2**256 - 2**224 + 2**192 + 2**96 - 1,
            "P-384": 2**384 - 2**128 - 2**96 + 2**32 - 1,
            "P-521": 2**521 - 1,
        }[crv]
        negated = prime - int.from_bytes(y, "big")
        wrong = {
            "off the curve": {"y": b64(y[:-1] + bytes([y[-1] ^ 1]))},
            "x and y swapped": {"x": b64(y), "y": b64(x)},
            "at zero": {"x": b64(bytes(len(x))), "y": b64(bytes(len(y)))},
            "negated": {"y": b64(octets_of(negated, len(y)))},
            "a zero in front of x": {"x": b64(b"\0" + x)},
            "x cut off in front": {"x": b64(x[1:])},
            "y absent": {"y": None},
            "y cut off at the end": {"y": b64(y[:-1])},
            "x beyond the field": {"x": b64(octets_of(min(prime + 5, 2 ** (8 * len(x)) - 1), len(x)))},
            "of another curve by name": {"crv": "P-384" if crv != "P-384" else "P-256"},
            "crv in lower case": {"crv": crv.lower()},
            "of secp256k1 by name": {"crv": "secp256k1"},
        }
        for what, members in wrong.items():
            reason = (
                "another point: the signature is not its"
                if what == "negated"
                else "not the coordinates of a point of the curve"
            )
            corpus.refuse(
                f"{crv}: {what}",
                token,
                reason,
                keys=corpus.jwks(f"{crv}, {what}", key.public(**members)),
                source="joserfc",
            )
    bitcoin = material.ec_key("secp256k1", "secp256k1")
    token = corpus.signing.by_joserfc("ES256K", bitcoin, claims(), {"kid": "secp256k1"})
    corpus.refuse(
        "secp256k1: ES256K",
        token,
        "neither the curve nor the algorithm is supported",
        source="joserfc",
        keys=corpus.jwks("secp256k1", bitcoin.public()),
    )
    corpus.refuse(
        "secp256k1: said to be P-256",
        token,
        "the point is not on P-256",
        source="joserfc",
        keys=corpus.jwks("secp256k1 as P-256", bitcoin.public(crv="P-256")),
    )


def signed_by(corpus, key):
    return corpus.signing.compact("RS256", key, {"alg": "RS256", "kid": key.name}, claims())


def add_rsa_sizes(corpus):
    for bits, accepted in (
        (1024, False),
        (2040, False),
        (2047, False),
        (2048, True),
        (2056, True),
        (3072, True),
        (4096, True),
    ):
        key = material.rsa_key(f"rsa {bits}", bits) if bits != 2048 else corpus.rsa
        if bits == 2047:
            # Two primes with their top bits set have a product that is never a bit short.
            key = material.rsa_of_many_primes("rsa 2047", 2047, 2)
        corpus.add(
            f"RSA: {bits} bits",
            signed_by(corpus, key),
            "accepted" if accepted else "invalid",
            "2048 bits at least",
            keys=corpus.jwks(key.name, key.public()),
        )
    for bits, accepted in ((8192, True), (8200, False)):
        key = material.rsa_of_many_primes(f"rsa {bits}", bits, 16)
        corpus.add(
            f"RSA: {bits} bits",
            signed_by(corpus, key),
            "accepted" if accepted else "invalid",
            "8192 bits at most",
            keys=corpus.jwks(key.name, key.public()),
        )
    for e, accepted in ((3, True), (17, True), (2**31 - 1, True), (2**32 + 15, False), (2**64 + 13, False)):
        key = material.rsa_key(f"rsa e={e}", 2048, e)
        corpus.add(
            f"RSA: e is {e}",
            signed_by(corpus, key),
            "accepted" if accepted else "invalid",
            "e is odd, from 3 to 2^32",
            keys=corpus.jwks(key.name, key.public()),
        )
    rsa = corpus.rsa
    head, payload = b64(dumps({"alg": "RS256", "kid": "rsa"})), b64(dumps(claims()))
    message = encoded_message("sha256", f"{head}.{payload}", 256)
    corpus.refuse(
        "RSA: e is 1",
        f"{head}.{payload}.{b64(message)}",
        "with e = 1 the message is its own signature",
        keys=corpus.jwks("rsa, e is 1", rsa.public(e="AQ")),
    )


def add_rsa_members(corpus):
    rsa = corpus.rsa
    n, e = unb64(rsa.jwk["n"]), unb64(rsa.jwk["e"])
    token = signed_by(corpus, rsa)
    wrong = {
        "n absent": {"n": None},
        "e absent": {"e": None},
        "n empty": {"n": ""},
        "e empty": {"e": ""},
        "e is zero": {"e": "AA"},
        "n is even": {"n": b64(n[:-1] + bytes([n[-1] & 0xFE]))},
        "n padded": {"n": rsa.jwk["n"] + "=="},
        "n in base64": {"n": rsa.jwk["n"].replace("-", "+").replace("_", "/")},
        "n has stray bits": {"n": stray_bits(rsa.jwk["n"])},
        "n is a number": {"n": 12345},
        "e is a number": {"e": 65537},
        "alg is ES256": {"alg": "ES256"},
        "alg is RSA-OAEP": {"alg": "RSA-OAEP"},
        "alg is RS1": {"alg": "RS1"},
        "d is there": {"d": rsa.jwk["d"]},
        "p is there": {"p": rsa.jwk["p"]},
        "oth is there": {"oth": []},
    }
    for what, members in wrong.items():
        corpus.refuse(
            f"RSA: {what}", token, "the key is not usable", keys=corpus.jwks(f"rsa, {what}", rsa.public(**members))
        )
    same = {
        "a zero in front of n": {"n": b64(b"\0" + n)},
        "a zero in front of e": {"e": b64(b"\0" + e)},
        "members that are null": {"alg": None, "use": None, "key_ops": None, "d": None},
    }
    for what, members in same.items():
        key_set = corpus.jwks(f"rsa, {what}", rsa.public() | members)
        corpus.accept(f"RSA: {what}", token, "the key is the same", keys=key_set)
    chained = rsa.public(x5c=["MIIB"], x5u="https://evil.example/cert.pem", x5t="AAAA")
    corpus.accept(
        "RSA: a certificate beside the key",
        token,
        "certificates are not looked at",
        keys=corpus.jwks("rsa, x5c", chained),
    )


def add_even_exponent(corpus):
    """With e = 2 a signature is a square root, which a quarter of all messages have."""
    p, q = (material.prime(f"rabin {part}", 1024, residue=3) for part in "pq")
    n = p * q
    head = b64(dumps({"alg": "RS256", "kid": "rabin"}))
    for count in range(100):
        signing_input = f"{head}.{b64(dumps(claims(jti=str(count))))}"
        m = int.from_bytes(encoded_message("sha256", signing_input, 256), "big")
        root_p, root_q = pow(m, (p + 1) // 4, p), pow(m, (q + 1) // 4, q)
        root = (root_p + p * ((root_q - root_p) * pow(p, -1, q) % q)) % n
        if pow(root, 2, n) == m % n:
            break
    key = material.Key("rabin", {"kty": "RSA", "n": b64(octets_of(n)), "e": "Ag"})
    assert pow(root, 2, n) == m and math.gcd(root, n) == 1
    corpus.refuse(
        "RSA: e is 2",
        f"{signing_input}.{b64(octets_of(root, 256))}",
        "e is odd",
        keys=corpus.jwks("rabin", key.public()),
    )

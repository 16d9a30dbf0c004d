"""Signatures of every algorithm by three implementations, and beside each the nearest wrong ones."""

import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils

import material
from corpus import Corpus, claims
from material import b64, octets_of, unb64
from signing import Secret, encoded_message, pkcs1

SHA256 = hashes.SHA256()
CURVE_OF = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
SWAPPED = {
    "HS256": "HS512",
    "HS384": "HS256",
    "HS512": "HS384",
    "RS256": "RS384",
    "RS384": "PS384",
    "RS512": "RS256",
    "PS256": "RS256",
    "PS384": "PS512",
    "PS512": "PS256",
    "ES256": "ES384",
    "ES384": "ES512",
    "ES512": "ES256",
    "EdDSA": "ES256",
}


def keys_of(corpus, algorithm):
    """The right key, a wrong one of its kind, and the key set that holds the right one."""
    if algorithm.startswith("HS"):
        size = int(algorithm[2:]) // 8
        pair = [
            Secret(f"{algorithm} {which}", material.octets(f"{algorithm} {which}", size)) for which in ("key", "other")
        ]
        return *pair, corpus.secret(algorithm, pair[0])
    if algorithm == "EdDSA":
        return corpus.ed, material.ed25519_key("other ed"), corpus.eds
    if algorithm.startswith("ES"):
        crv = CURVE_OF[algorithm]
        key = material.ec_key(crv, crv)
        return key, material.ec_key(f"other {crv}", crv), corpus.jwks(crv, key.public())
    return corpus.rsa, corpus.other_rsa, corpus.rsas


def add_rows(corpus: Corpus):
    corpus.rsa, corpus.other_rsa = material.rsa_key("rsa"), material.rsa_key("other rsa")
    corpus.rsas = corpus.jwks("rsa", corpus.rsa.public())
    for algorithm in SWAPPED:
        add_each(corpus, algorithm)
    for algorithm in CURVE_OF:
        add_ecdsa(corpus, algorithm)
    add_rsa(corpus)
    add_confusion(corpus)


def add_each(corpus, algorithm):
    key, other, key_set = keys_of(corpus, algorithm)
    kid = {} if isinstance(key, Secret) else {"kid": key.name}
    signing = corpus.signing
    for library, sign in (("joserfc", signing.by_joserfc), ("PyJWT", signing.by_pyjwt), ("jose", signing.by_jose)):
        token = sign(algorithm, key, claims(), kid)
        corpus.accept(
            f"{algorithm} by {library}",
            token,
            "a right token",
            keys=key_set,
            source=library,
            subject="ci",
            scopes=["wheels:read"],
        )
    head, payload, signature = token.split(".")

    def refuse(what, token, reason):
        corpus.refuse(f"{algorithm}, {what}", token, reason, keys=key_set, source="by hand, over jose's")

    refuse(
        "another payload",
        f"{head}.{b64(json.dumps(claims(sub='root')).encode())}.{signature}",
        "the signature is of other claims",
    )
    refuse(
        "another header",
        f"{b64(json.dumps({'alg': algorithm, 'typ': 'JWT'} | kid).encode())}.{payload}.{signature}",
        "the signature covers the header",
    )
    raw = unb64(signature)
    refuse("a bit turned", f"{head}.{payload}.{b64(raw[:-1] + bytes([raw[-1] ^ 1]))}", "the last bit is turned")
    refuse("cut off", f"{head}.{payload}.{b64(raw[:-1])}", "an octet is missing at the end")
    refuse("lengthened", f"{head}.{payload}.{b64(raw + bytes(1))}", "an octet too many at the end")
    refuse("a zero in front", f"{head}.{payload}.{b64(bytes(1) + raw)}", "an octet too many in front")
    refuse("all zeros", f"{head}.{payload}.{b64(bytes(len(raw)))}", "no signature is all zeros")
    wrong = signing.by_pyjwt(algorithm, other, claims(), kid)
    corpus.refuse(
        f"{algorithm}, another key", wrong, "signed with another key of the same kind", keys=key_set, source="PyJWT"
    )
    swapped = SWAPPED[algorithm]
    header = b64(json.dumps({"alg": swapped} | kid).encode())
    signed = signing.signature(algorithm, key, f"{header}.{payload}")
    corpus.refuse(
        f"{algorithm}, said to be {swapped}",
        f"{header}.{payload}.{signed}",
        "the signature is right but for the algorithm that the header names",
        keys=key_set,
    )


def add_ecdsa(corpus, algorithm):
    key, _, key_set = keys_of(corpus, algorithm)
    crv = CURVE_OF[algorithm]
    order, size = key.loaded().curve.group_order, (key.loaded().curve.key_size + 7) // 8
    token = corpus.signing.by_joserfc(algorithm, key, claims(), {"kid": key.name})
    signing_input, _, signature = token.rpartition(".")
    r, s = (int.from_bytes(half, "big") for half in (unb64(signature)[:size], unb64(signature)[size:]))

    def of(r, s, length=size):
        return f"{signing_input}.{b64(octets_of(r, length) + octets_of(s, length))}"

    wrong = {
        "r is zero": (of(0, s), "r must be at least 1"),
        "s is zero": (of(r, 0), "s must be at least 1"),
        "r is the order": (of(order, s), "r must be below the order"),
        "s is the order": (of(r, order), "s must be below the order"),
        "r is one, s is the order": (of(1, order), "s must be below the order"),
        "r and s swapped": (of(s, r), "r comes first"),
        "halves too long": (of(r, s, size + 1), "each half has the length of the order"),
        "DER": (f"{signing_input}.{b64(utils.encode_dss_signature(r, s))}", "JWS has r and s side by side, not DER"),
    }
    for what, (token, reason) in wrong.items():
        corpus.refuse(f"{algorithm}, {what}", token, reason, keys=key_set, source="by hand, over joserfc's")
    corpus.accept(
        f"{algorithm}, s negated",
        of(r, order - s),
        "ECDSA holds for n - s as well, and no rule of JWS asks for the smaller one",
        keys=key_set,
        source="by hand, over joserfc's",
    )
    other = "P-384" if crv == "P-256" else "P-256"
    stranger = material.ec_key(other, other)
    header = b64(json.dumps({"alg": algorithm, "kid": other}).encode())
    signing_input = f"{header}.{b64(json.dumps(claims()).encode())}"
    right = "ES384" if other == "P-384" else "ES256"
    corpus.refuse(
        f"{algorithm} with a key of {other}",
        f"{signing_input}.{corpus.signing.signature(right, stranger, signing_input)}",
        "the curve permits its own algorithm alone",
        keys=corpus.jwks(other, stranger.public()),
    )


def add_rsa(corpus):
    key, length = corpus.rsa, 256
    n, e = material.number(key.jwk["n"]), 65537
    d = material.number(key.jwk["d"])

    def refuse(what, algorithm, sign, reason):
        header = b64(json.dumps({"alg": algorithm, "kid": "rsa"}).encode())
        signing_input = f"{header}.{b64(json.dumps(claims()).encode())}"
        corpus.refuse(f"{algorithm}, {what}", f"{signing_input}.{b64(sign(signing_input))}", reason, keys=corpus.rsas)

    def raw(message):
        return pow(int.from_bytes(message, "big"), d, n).to_bytes(length, "big")

    def pss(signing_input, salt_length, mgf, hash_of=SHA256):
        # Random numbers again: the salt.
        name = f"pss {salt_length} {mgf.name} {hash_of.name}"
        holder = type("Named", (), {"name": name})
        scheme = padding.PSS(padding.MGF1(mgf), salt_length)

        def make():
            return b64(key.loaded().sign(signing_input.encode(), scheme, hash_of))

        return unb64(corpus.signing.kept.signature("PS256", holder, "cryptography", signing_input, make))

    refuse("SHA-1", "RS256", lambda text: pkcs1("RS256", key, text, "sha1"), "the digest is of SHA-1")
    refuse("SHA-512", "RS256", lambda text: pkcs1("RS256", key, text, "sha512"), "the digest is of SHA-512")
    refuse(
        "no digest info",
        "RS256",
        lambda text: raw(b"\0\1" + b"\xff" * (length - 3 - 32) + b"\0" + hashlib.sha256(text.encode()).digest()),
        "the digest is bare",
    )
    refuse(
        "short padding",
        "RS256",
        lambda text: raw(short_padding(text, length)),
        "garbage follows the digest (Bleichenbacher 2006)",
    )
    refuse(
        "block type 2",
        "RS256",
        lambda text: raw(b"\0\2" + encoded_message("sha256", text, length)[2:]),
        "the padding is that of encryption",
    )
    refuse(
        "the message itself", "RS256", lambda text: encoded_message("sha256", text, length), "it was not raised to d"
    )
    refuse("its PSS", "RS256", lambda text: pss(text, 32, SHA256), "PSS is not PKCS#1 v1.5")
    refuse("no salt", "PS256", lambda text: pss(text, 0, SHA256), "the salt is as long as the digest")
    refuse("a long salt", "PS256", lambda text: pss(text, 222, SHA256), "the salt is as long as the digest")
    refuse("mask by SHA-1", "PS256", lambda text: pss(text, 32, hashes.SHA1()), "the mask is made by the same hash")
    refuse("SHA-512", "PS256", lambda text: pss(text, 64, hashes.SHA512(), hashes.SHA512()), "the hash is SHA-256")
    # A signature plus the modulus is the same number modulo it, and fits where the modulus is small.
    for count in range(100):
        changed = claims(jti=str(count))
        token = corpus.signing.compact("RS256", key, {"alg": "RS256", "kid": "rsa"}, changed)
        signing_input, _, signature = token.rpartition(".")
        larger = material.number(signature) + n
        if larger.bit_length() <= 8 * length:
            break
    corpus.refuse(
        "RS256, plus the modulus",
        f"{signing_input}.{b64(octets_of(larger, length))}",
        "a signature is below the modulus",
        keys=corpus.rsas,
        source="by hand, over PyJWT's",
    )
    assert pow(larger, e, n) == pow(larger - n, e, n)


def short_padding(signing_input, length):
    digest = encoded_message("sha256", signing_input, 62)
    return digest + bytes(length - len(digest))


def add_confusion(corpus):
    """HMAC with what everybody knows as the secret."""
    pem = corpus.rsa.pem()
    public = {
        "the PEM": pem.encode(),
        "the PEM without its last line end": pem.rstrip().encode(),
        "the PEM after white space": b" \n" + pem.encode(),
        "the DER": corpus.rsa.der(),
        "the JWK": json.dumps(corpus.rsa.public(), separators=(",", ":")).encode(),
        "the modulus": unb64(corpus.rsa.jwk["n"]),
        "nothing": b"",
    }
    in_pem = corpus.key_set("rsa, pem", {"pem": pem})
    for what, octets in public.items():
        for key_set, kid in ((corpus.rsas, {"kid": "rsa"}), (in_pem, {})):
            token = corpus.signing.compact("HS256", Secret("public", octets), {"alg": "HS256"} | kid, claims())
            corpus.refuse(
                f"HS256, the secret is {what} ({key_set})",
                token,
                "a public key is no secret: the key permits RS and PS alone",
                keys=key_set,
            )
    secret = Secret("HS256 key", material.octets("HS256 key", 32))
    token = corpus.signing.by_pyjwt("RS256", corpus.rsa, claims(), {})
    corpus.refuse(
        "RS256 to a secret",
        token,
        "a secret permits its own algorithm alone",
        keys=corpus.secret("HS256", secret),
        source="PyJWT",
    )

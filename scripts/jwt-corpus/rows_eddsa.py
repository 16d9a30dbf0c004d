"""What is particular to Ed25519: spellings of one signature, and keys that are no secret to anybody."""

import contextlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import material
from corpus import claims
from material import b64, unb64


def add_rows(corpus):
    add_spellings(corpus)
    add_small_orders(corpus)


def add_spellings(corpus):
    token = corpus.signed()
    corpus.accept("EdDSA, unchanged", token, "the token that the next rows change", source="PyJWT", subject="ci")
    signing_input, _, signature = token.rpartition(".")
    raw = unb64(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    larger = int.from_bytes(raw[32:], "little") + order
    lengthened = raw[:32] + larger.to_bytes(32, "little")
    corpus.refuse(
        "EdDSA, S plus the order",
        f"{signing_input}.{b64(lengthened)}",
        "S is below the order (RFC 8032 §5.1.7)",
        source="by hand, over PyJWT's",
    )
    swapped = b64(raw[32:] + raw[:32])
    corpus.refuse(
        "EdDSA, halves swapped", f"{signing_input}.{swapped}", "R comes first", source="by hand, over PyJWT's"
    )


# The points of small order, in little-endian hexadecimal without the sign of x. The last two are zero and one spelt
# beyond the field.
SMALL_ORDER = {
    "of order 4, y is zero": "00" * 32,
    "of order 1": "01" + "00" * 31,
    "of order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "of order 8, y negated": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "of order 2": "ec" + "ff" * 30 + "7f",
    "of order 4, y is the prime": "ed" + "ff" * 30 + "7f",
    "of order 1, y is the prime and one": "ee" + "ff" * 30 + "7f",
}


def add_small_orders(corpus):
    """With such a key a signature is found by trying a few messages, without any secret."""
    for what, text in SMALL_ORDER.items():
        for sign in (0, 0x80):
            point = bytes.fromhex(text)
            point = point[:-1] + bytes([point[-1] | sign])
            token = forged(point)
            if token:
                name = f"EdDSA, a key {what}{', x negated' if sign else ''}"
                key = material.Key("small", {"kty": "OKP", "crv": "Ed25519", "x": b64(point)})
                corpus.refuse(name, token, "with such a key anybody can sign", keys=corpus.jwks(name, key.public()))


def forged(point):
    """A token whose signature OpenSSL takes for one by this key, if it takes the key."""
    head = b64(json.dumps({"alg": "EdDSA", "kid": "small"}).encode())
    for count in range(200):
        signing_input = f"{head}.{b64(json.dumps(claims(jti=str(count))).encode())}"
        # R is the neutral element, and S is zero.
        signature = bytes([1]) + bytes(63)
        with contextlib.suppress(InvalidSignature, ValueError):
            Ed25519PublicKey.from_public_bytes(point).verify(signature, signing_input.encode())
            return f"{signing_input}.{b64(signature)}"
    return None

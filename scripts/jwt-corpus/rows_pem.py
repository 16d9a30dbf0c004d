"""Keys in PEM."""

import base64

from cryptography.hazmat.primitives.serialization import PublicFormat

import material
from corpus import claims
from material import b64, octets_of, unb64


def add_rows(corpus):
    add_forms(corpus)
    add_algorithms(corpus)


def add_forms(corpus):
    rsa, pem = corpus.rsa, corpus.rsa.pem()
    token = corpus.signing.by_pyjwt("RS256", rsa, claims(), {})
    pkcs1 = rsa.pem(PublicFormat.PKCS1)
    ec = material.ec_key("P-256", "P-256")
    forms = {
        "PUBLIC KEY": (pem, "accepted", "SubjectPublicKeyInfo"),
        "RSA PUBLIC KEY": (pkcs1, "accepted", "PKCS#1"),
        "white space in front": (" \n\t\n" + pem, "accepted", "what stands around a block is a comment"),
        "a comment in front": ("# of the issuer\n" + pem, "accepted", "what stands around a block is a comment"),
        "CRLF": (pem.replace("\n", "\r\n"), "accepted", "lines end either way"),
        "no line end at the end": (pem.rstrip(), "accepted", "as shells leave it"),
        "a private key": (rsa.private_pem(), "misconfigured", "a private key has no place here"),
        "a private key behind a public one": (
            pem + rsa.private_pem(),
            "misconfigured",
            "a private key has no place here",
        ),
        "another label": (pem.replace("PUBLIC KEY", "KEY"), "misconfigured", "no such block"),
        "PKCS#1 under the other label": (
            pkcs1.replace("RSA PUBLIC KEY", "PUBLIC KEY"),
            "misconfigured",
            "not SubjectPublicKeyInfo",
        ),
        "SPKI under the other label": (pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"), "misconfigured", "not PKCS#1"),
        "cut off": (pem[:200], "misconfigured", "the block does not end"),
        "nothing": ("", "misconfigured", "no block"),
        "DER": (b64(rsa.der()), "misconfigured", "no block"),
        "a small RSA key": (small_spki(corpus), "misconfigured", "2048 bits at least"),
        "two keys, the other EC": (ec.pem() + pem, "accepted", "one key alone permits the algorithm"),
        "two keys of RSA": (corpus.other_rsa.pem() + pem, "accepted", "each key that fits is tried"),
        "another RSA key": (corpus.other_rsa.pem(), "invalid", "the signature is not its"),
        "an EC key": (ec.pem(), "invalid", "it does not permit RS256"),
    }
    for what, (text, verdict, reason) in forms.items():
        corpus.add(
            f"PEM: {what}", token, verdict, reason, keys=corpus.key_set(f"pem, {what}", {"pem": text}), source="PyJWT"
        )


def add_algorithms(corpus):
    others = {
        "ES256": material.ec_key("P-256", "P-256"),
        "ES384": material.ec_key("P-384", "P-384"),
        "ES512": material.ec_key("P-521", "P-521"),
        "EdDSA": corpus.ed,
        "PS512": corpus.rsa,
    }
    for algorithm, key in others.items():
        key_set = corpus.key_set(f"pem, for {algorithm}", {"pem": key.pem()})
        token = corpus.signing.by_jose(algorithm, key, claims(), {"kid": "any name"})
        corpus.accept(
            f"PEM: {algorithm}",
            token,
            "a PEM names no key, so the token's name is ignored",
            keys=key_set,
            source="jose",
        )


def small_spki(corpus):
    """SubjectPublicKeyInfo of 1024 bits, put together here since libraries balk at it."""

    key = material.rsa_key("rsa 1024", 1024)

    def der(tag, content):
        size = len(content)
        length = bytes([size]) if size < 128 else bytes([0x80 + len(octets_of(size))]) + octets_of(size)
        return bytes([tag]) + length + content

    inner = der(0x30, der(2, b"\0" + unb64(key.jwk["n"])) + der(2, unb64(key.jwk["e"])))
    spki = der(0x30, bytes.fromhex("300d06092a864886f70d0101010500") + der(3, b"\0" + inner))
    text = base64.encodebytes(spki).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n"

"""Keys for tests, derived from their names, so that no private key is kept and none ever changes."""

import base64
import hashlib
import json
import math
import string

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1(), "secp256k1": ec.SECP256K1()}
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def stray_bits(text):
    """The same octets with an unused bit set, which a lax decoder drops."""
    assert len(text) % 4 in (2, 3), "this length has no unused bits"
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


def octets_of(value, length=None):
    return value.to_bytes(length or max(1, (value.bit_length() + 7) // 8), "big")


def number(text):
    return int.from_bytes(unb64(text), "big")


def octets(name, length):
    """As many octets as asked for, always the same for one name."""
    return hashlib.shake_256(b"portcullis " + name.encode()).digest(length)


def is_prime(n):
    if any(n % p == 0 for p in SMALL_PRIMES):
        return False
    shift = ((n - 1) & (1 - n)).bit_length() - 1
    for base in SMALL_PRIMES[:20]:
        x = pow(base, (n - 1) >> shift, n)
        if x in (1, n - 1):
            continue
        for _ in range(shift - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(name, bits, e=65537, residue=None):
    """A prime of exactly so many bits, its two top bits set; `residue` asks for a remainder modulo 4."""
    n = int.from_bytes(octets(name, (bits + 7) // 8), "big") & ((1 << bits) - 1) | 3 << (bits - 2) | 1
    while (residue is not None and n % 4 != residue) or math.gcd(n - 1, e | 1) != 1 or not is_prime(n):
        n += 2
    return n


def rsa_jwk(p, q, e):
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    parts = {"n": p * q, "e": e, "d": d, "p": p, "q": q, "dp": d % (p - 1), "dq": d % (q - 1), "qi": pow(q, -1, p)}
    return {"kty": "RSA"} | {name: b64(octets_of(value)) for name, value in parts.items()}


class Key:
    """A private JWK, and the name that its public form has as `kid`."""

    def __init__(self, name, jwk):
        self.name = name
        self.jwk = jwk

    def private(self):
        return dict(self.jwk)

    def public(self, **members):
        """The public JWK with its name; a member that is None is left out."""
        hidden = {"d", "p", "q", "dp", "dq", "qi"}
        public = {name: value for name, value in self.jwk.items() if name not in hidden}
        public = public | {"kid": self.name} | members
        return {name: value for name, value in public.items() if value is not None}

    def loaded(self):
        """The private key as the `cryptography` package has it."""
        jwk = self.jwk
        if jwk["kty"] == "EC":
            return ec.derive_private_key(number(jwk["d"]), CURVES[jwk["crv"]])
        if jwk["kty"] == "OKP":
            return ed25519.Ed25519PrivateKey.from_private_bytes(unb64(jwk["d"]))
        n, e, d, p, q, dp, dq, qi = (number(jwk[part]) for part in ("n", "e", "d", "p", "q", "dp", "dq", "qi"))
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, rsa.RSAPublicNumbers(e, n)).private_key()

    def pem(self, form=serialization.PublicFormat.SubjectPublicKeyInfo):
        return self.loaded().public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def private_pem(self):
        pkcs8 = serialization.PrivateFormat.PKCS8
        return self.loaded().private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()).decode()

    def der(self):
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.loaded().public_key().public_bytes(serialization.Encoding.DER, spki)


def rsa_key(name, bits=2048, e=65537):
    high = bits // 2
    p, q = prime(f"{name} p", high, e), prime(f"{name} q", bits - high, e)
    return Key(name, rsa_jwk(max(p, q), min(p, q), e))


def rsa_of_many_primes(name, bits, primes):
    """A key too large to be made of two primes at leisure; it has `n`, `e` and `d` alone."""
    sizes = [bits // primes] * (primes - 1)
    sizes.append(bits - sum(sizes))
    factors = [prime(f"{name} {i}", size) for i, size in enumerate(sizes)]
    # The top bits of the factors say nothing of the top bit of so long a product.
    while math.prod(factors).bit_length() < bits:
        factors[-1] = prime(f"{name} {factors[-1]}", factors[-1].bit_length() + 1)
    n = math.prod(factors)
    assert n.bit_length() == bits, n.bit_length()
    d = pow(65537, -1, math.lcm(*(factor - 1 for factor in factors)))
    return Key(name, {"kty": "RSA", "n": b64(octets_of(n)), "e": "AQAB", "d": b64(octets_of(d))})


def ec_key(name, crv):
    curve = CURVES[crv]
    size = (curve.key_size + 7) // 8
    # Eight bits fewer than the order has, so that every value is a key.
    scalar = int.from_bytes(octets(name, size - 1), "big") >> (8 * size - curve.key_size)
    point = ec.derive_private_key(scalar, curve).public_key().public_numbers()
    x, y, d = (b64(octets_of(value, size)) for value in (point.x, point.y, scalar))
    return Key(name, {"kty": "EC", "crv": crv, "x": x, "y": y, "d": d})


def ed25519_key(name):
    seed = octets(name, 32)
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return Key(name, {"kty": "OKP", "crv": "Ed25519", "x": b64(public), "d": b64(seed)})


def jwks(*keys):
    return json.dumps({"keys": list(keys)}, separators=(",", ":"))

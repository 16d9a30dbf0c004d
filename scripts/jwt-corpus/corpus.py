"""The rows, and what most of them have in common."""

import material
from signing import Secret

NOW = 1_700_000_000
ISSUER = "https://issuer.example"
RULES = {"issuer": ISSUER, "audiences": ["packages"], "profile": "any", "leeway": 30, "now": NOW}
CLAIMS = {
    "iss": ISSUER,
    "aud": "packages",
    "sub": "ci",
    "iat": NOW - 60,
    "exp": NOW + 3600,
    "scope": "wheels:read",
}
# Marks a claim to leave out.
GONE = object()


def claims(**changes):
    merged = CLAIMS | changes
    return {name: value for name, value in merged.items() if value is not GONE}


class Corpus:
    def __init__(self, signing):
        self.signing = signing
        self.key_sets = {}
        self.rows = []
        self.names = set()
        # Small and without chance: what is not about signatures is signed with it.
        self.ed = material.ed25519_key("ed")
        self.eds = self.jwks("ed", self.ed.public())

    def jwks(self, name, *keys):
        """A key set of these JWKs; returns its name."""
        return self.key_set(name, {"jwks": material.jwks(*keys)})

    def secret(self, algorithm, secret):
        return self.key_set(secret.name, {"secret": material.b64(secret.octets), "algorithm": algorithm})

    def key_set(self, name, value):
        assert self.key_sets.setdefault(name, value) == value, name
        return name

    def add(self, name, token, expect, reason, keys=None, source="by hand", rules=None, **wanted):
        """`wanted` may name the `subject` and the `scopes` of who is accepted."""
        assert name not in self.names, name
        assert expect in ("accepted", "absent", "invalid", "misconfigured"), expect
        self.names.add(name)
        self.rows.append(
            {
                "name": name,
                "source": source,
                "keys": keys or self.eds,
                "rules": rules or {},
                "token": token,
                "expect": expect,
                "reason": reason,
                **wanted,
            }
        )

    def accept(self, name, token, reason, **more):
        self.add(name, token, "accepted", reason, **more)

    def refuse(self, name, token, reason, **more):
        self.add(name, token, "invalid", reason, **more)

    def absent(self, name, token, reason, **more):
        self.add(name, token, "absent", reason, **more)

    def signed(self, payload=None, header=None, **changes):
        """A token by the common key: of the common claims with changes, of an object, or of octets."""
        header = header if header is not None else {"alg": "EdDSA", "kid": "ed"}
        return self.signing.compact("EdDSA", self.ed, header, payload if payload is not None else claims(**changes))

    def with_header(self, **members):
        """A token of the common claims whose header has these members besides; one that is GONE is left out."""
        merged = {"alg": "EdDSA", "kid": "ed"} | members
        return self.signed(header={name: value for name, value in merged.items() if value is not GONE})

    def take_rows(self):
        rows, self.rows = self.rows, []
        return rows


__all__ = ["CLAIMS", "Corpus", "GONE", "ISSUER", "NOW", "Secret", "claims"]

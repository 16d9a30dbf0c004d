"""Tokens: by the libraries' own calls, or put together here over a signature by PyJWT."""

import hashlib
import hmac
import json
import pathlib
import subprocess
import warnings

import joserfc.jwk
import joserfc.jwt
import jwt

from material import b64, unb64

HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}
# The libraries warn of what is wrong on purpose.
warnings.simplefilter("ignore")


def dumps(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Kept:
    """Signatures by algorithms that draw random numbers, so that a second run makes the same ones."""

    def __init__(self, path):
        path = pathlib.Path(path)
        self.before = json.loads(path.read_text()) if path.exists() else {}
        self.used = {}

    def signature(self, algorithm, key, by, signing_input, make):
        if not algorithm.startswith(("ES", "PS")):
            return make()
        name = hashlib.sha256("|".join((algorithm, key.name, by, signing_input)).encode()).hexdigest()
        if name not in self.used:
            self.used[name] = self.before.get(name) or make()
        return self.used[name]

    def token(self, algorithm, key, by, token):
        signing_input, _, signature = token.rpartition(".")
        return f"{signing_input}.{self.signature(algorithm, key, by, signing_input, lambda: signature)}"

    def save(self, path):
        path.write_text(json.dumps(dict(sorted(self.used.items())), indent=0) + "\n")


class Secret:
    """An HMAC key."""

    def __init__(self, name, octets):
        self.name = name
        self.octets = octets


class Jose:
    """npm's `jose`, in a process of its own."""

    def __init__(self, folder):
        script = pathlib.Path(__file__).parent / "jose.mjs"
        # Modules are looked for beside the script, which is to stay free of them.
        text = script.read_text()
        command = ["node", "--input-type=module", "--eval", text]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, method, **request):
        self.process.stdin.write(json.dumps({"method": method, **request}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Signing:
    def __init__(self, kept, jose):
        self.kept = kept
        self.jose = jose

    def by_jose(self, algorithm, key, claims, header):
        header = {"alg": algorithm} | header
        if isinstance(key, Secret):
            token = self.jose.ask("sign", header=header, claims=claims, secret=b64(key.octets))
        else:
            token = self.jose.ask("sign", header=header, claims=claims, jwk=key.private())
        return self.kept.token(algorithm, key, "jose", token)

    def by_joserfc(self, algorithm, key, claims, header):
        if isinstance(key, Secret):
            loaded = joserfc.jwk.OctKey.import_key(key.octets)
        else:
            loaded = joserfc.jwk.import_key(key.private())
        token = joserfc.jwt.encode({"alg": algorithm} | header, claims, loaded, algorithms=[algorithm])
        return self.kept.token(algorithm, key, "joserfc", token)

    def by_pyjwt(self, algorithm, key, claims, header):
        loaded = key.octets if isinstance(key, Secret) else key.loaded()
        token = jwt.encode(claims, loaded, algorithm, headers=header)
        return self.kept.token(algorithm, key, "PyJWT", token)

    def signature(self, algorithm, key, signing_input):
        """The signature alone, in base64url."""
        if isinstance(key, Secret):
            digest = hmac.digest(key.octets, signing_input.encode(), HASHES[algorithm[2:]])
            return b64(digest)
        if key.jwk["kty"] == "RSA" and ("p" not in key.jwk or len(unb64(key.jwk["n"])) < 256):
            return b64(pkcs1(algorithm, key, signing_input))

        def make():
            algorithm_of = jwt.get_algorithm_by_name(algorithm)
            return b64(algorithm_of.sign(signing_input.encode(), algorithm_of.prepare_key(key.loaded())))

        return self.kept.signature(algorithm, key, "PyJWT", signing_input, make)

    def compact(self, algorithm, key, header, payload):
        """A token of these very octets, or of these objects."""
        parts = (value if isinstance(value, bytes) else dumps(value) for value in (header, payload))
        signing_input = ".".join(map(b64, parts))
        return f"{signing_input}.{self.signature(algorithm, key, signing_input)}"


# DER of DigestInfo up to the digest, RFC 8017 §9.2.
DIGEST_INFO = {
    "sha1": "3021300906052b0e03021a05000414",
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}


def encoded_message(hash_name, signing_input, length):
    """EMSA-PKCS1-v1_5 of RFC 8017."""
    digest = hashlib.new(hash_name, signing_input.encode()).digest()
    info = bytes.fromhex(DIGEST_INFO[hash_name]) + digest
    return b"\0\1" + b"\xff" * (length - 3 - len(info)) + b"\0" + info


def pkcs1(algorithm, key, signing_input, hash_name=None):
    """RSASSA-PKCS1-v1_5 by hand, for keys and hashes that no library would sign with."""
    n, d = (int.from_bytes(unb64(key.jwk[part]), "big") for part in ("n", "d"))
    length = (n.bit_length() + 7) // 8
    message = encoded_message(hash_name or HASHES[algorithm[2:]], signing_input, length)
    return pow(int.from_bytes(message, "big"), d, n).to_bytes(length, "big")

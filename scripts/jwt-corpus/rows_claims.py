"""The registered claims: who issued it, for whom, and when."""

import material
import signing
from corpus import GONE, ISSUER, NOW, claims


def raw_number(corpus, claim, text, **changes):
    """A token whose claim is this very JSON text, which Python would write in another way."""

    payload = signing.dumps(claims(**{claim: "\ue000"} | changes)).replace('"\ue000"'.encode(), text.encode())
    return corpus.signed(payload=payload)


def add_rows(corpus):
    add_issuers(corpus)
    add_audiences(corpus)
    add_subjects(corpus)
    add_expiry(corpus)
    add_starts(corpus)


def add_issuers(corpus):
    wrong = {
        "absent": GONE,
        "another": "https://other.example",
        "a slash more": ISSUER + "/",
        "in capitals": ISSUER.upper(),
        "a prefix": ISSUER[:-1],
        "longer": ISSUER + ".evil.example",
        "empty": "",
        "a space after": ISSUER + " ",
        "a port more": ISSUER + ":443",
        "without scheme": "issuer.example",
        "an array": [ISSUER],
        "null": None,
        "a number": 1,
        "true": True,
        "an object": {"iss": ISSUER},
        "NUL after": ISSUER + "\0",
    }
    for what, iss in wrong.items():
        corpus.refuse(f"iss: {what}", corpus.signed(iss=iss), "iss is this very string")
    odd = "  a name: Straße, not an URL "
    corpus.accept(
        "iss: any string", corpus.signed(iss=odd), "compared, and used for nothing else", rules={"issuer": odd}
    )
    other = material.ed25519_key("other issuer")
    others = corpus.jwks("other issuer", other.public())
    also = {"also": [{"issuer": "https://other.example", "audiences": ["packages"], "keys": others}]}

    def signed_by_other(iss):
        return corpus.signing.compact("EdDSA", other, {"alg": "EdDSA", "kid": "other issuer"}, claims(iss=iss))

    corpus.accept("two issuers: the first", corpus.signed(), "its own key", rules=also)
    corpus.accept("two issuers: the second", signed_by_other("https://other.example"), "its own key", rules=also)
    corpus.refuse(
        "two issuers: the first, by a key of the second",
        signed_by_other(ISSUER),
        "a key is good for its issuer alone (RFC 8725 §3.8)",
        rules=also,
    )
    namesake = corpus.jwks("other issuer, one name", other.public(kid="ed"))
    same = {"also": [{"issuer": "https://other.example", "audiences": ["packages"], "keys": namesake}]}
    by_namesake = corpus.signing.compact("EdDSA", other, {"alg": "EdDSA", "kid": "ed"}, claims())
    corpus.refuse(
        "two issuers: the first, by a key of the second that has the same name",
        by_namesake,
        "a key is good for its issuer alone (RFC 8725 §3.8)",
        rules=same,
    )
    corpus.refuse(
        "two issuers: the second, by a key of the first",
        corpus.signed(iss="https://other.example"),
        "a key is good for its issuer alone (RFC 8725 §3.8)",
        rules=also,
    )
    corpus.refuse(
        "two issuers: a third", corpus.signed(iss="https://third.example"), "an issuer that nobody named", rules=also
    )
    apart = {"also": [{"issuer": "https://other.example", "audiences": ["docs"], "keys": corpus.eds}]}
    corpus.refuse(
        "two issuers: the audience of the first",
        corpus.signed(iss="https://other.example"),
        "each has audiences of its own",
        rules=apart,
    )
    corpus.accept(
        "two issuers: the audience of the second",
        corpus.signed(iss="https://other.example", aud="docs"),
        "each has audiences of its own",
        rules=apart,
    )


def add_audiences(corpus):
    right = {
        "a string": "packages",
        "an array of one": ["packages"],
        "first of two": ["packages", "x"],
        "last of two": ["x", "packages"],
        "twice the same": ["packages", "packages"],
    }
    for what, aud in right.items():
        corpus.accept(f"aud: {what}", corpus.signed(aud=aud), "names us")
    wrong = {
        "absent": GONE,
        "another": "x",
        "in capitals": "PACKAGES",
        "a prefix": "package",
        "longer": "packages2",
        "a space after": "packages ",
        "two in a string": "packages x",
        "with a comma": "packages,x",
        "empty": "",
        "an empty array": [],
        "an array of others": ["x", "y"],
        "an array of empty": [""],
        "null": None,
        "a number": 1,
        "true": True,
        "an object": {"packages": 1},
        "an array in an array": [["packages"]],
        "a string and a number": ["packages", 1],
        "a string and null": ["packages", None],
    }
    for what, aud in wrong.items():
        corpus.refuse(f"aud: {what}", corpus.signed(aud=aud), "aud is a string or an array of strings, and names us")
    two = {"audiences": ["packages", "https://files.example/"]}
    corpus.accept("aud: the second of ours", corpus.signed(aud="https://files.example/"), "any of ours", rules=two)
    corpus.refuse(
        "aud: the second of ours without its slash",
        corpus.signed(aud="https://files.example"),
        "compared character by character",
        rules=two,
    )
    free = {"audiences": None}
    corpus.accept("any audience: absent", corpus.signed(aud=GONE), "by explicit choice", rules=free)
    corpus.refuse("any audience: a number", corpus.signed(aud=1), "a wrong type is refused all the same", rules=free)
    corpus.accept("any audience: another", corpus.signed(aud="x"), "by explicit choice", rules=free)


def add_subjects(corpus):
    corpus.accept(
        "sub: any characters",
        corpus.signed(sub="repo:org/x:ref:refs/heads/main"),
        "a string",
        subject="repo:org/x:ref:refs/heads/main",
    )
    corpus.accept(
        "sub: absent, a client_id",
        corpus.signed(sub=GONE, client_id="cli"),
        "the client acts for itself",
        subject="cli",
    )
    corpus.accept(
        "sub: absent, an azp", corpus.signed(sub=GONE, azp="app"), "the client acts for itself", subject="app"
    )
    corpus.refuse("sub: absent", corpus.signed(sub=GONE), "the token names nobody")
    corpus.refuse("sub: empty", corpus.signed(sub=""), "the token names nobody")
    for what, sub in {"a number": 1, "null": None, "an array": ["ci"], "an object": {}, "true": True}.items():
        corpus.refuse(f"sub: {what}", corpus.signed(sub=sub), "sub is a string (RFC 7519 §4.1.2)")


def add_expiry(corpus):
    """Accepted until a second before exp + leeway."""
    edges = [
        (NOW + 1, 0, True),
        (NOW, 0, False),
        (NOW - 1, 0, False),
        (NOW - 29, 30, True),
        (NOW - 30, 30, False),
        (NOW - 31, 30, False),
        (NOW - 299, 300, True),
        (NOW - 300, 300, False),
    ]
    for exp, leeway, good in edges:
        verdict = "accepted" if good else "invalid"
        corpus.add(
            f"exp: now{exp - NOW:+}, leeway {leeway}",
            corpus.signed(iat=GONE, exp=exp),
            verdict,
            "over from exp + leeway on",
            rules={"leeway": leeway},
        )
    numbers = {
        "a float": (f"{NOW + 1}.5", True),
        "a float without fraction": (f"{NOW + 60}.0", True),
        "with an exponent": ("1.7e10", True),
        "with a capital exponent": ("18E8", True),
        "an exponent that makes it old": ("16e8", False),
        "a float just over": (f"{NOW - 30}.0", False),
        "a float just good": (f"{NOW - 30}.5", True),
        "zero": ("0", False),
        "minus zero": ("-0", False),
        "-1": ("-1", False),
        "-1e300": ("-1e300", False),
        "-2^63": ("-9223372036854775808", False),
        "2^31": ("2147483648", True),
        "2^53 + 1": ("9007199254740993", True),
        "2^63": ("9223372036854775808", True),
        "2^64 - 1": ("18446744073709551615", True),
        "2^64": ("18446744073709551616", True),
        "1e300": ("1e300", True),
        "1e-300": ("1e-300", False),
        "1e400": ("1e400", False),
        "a zero in front": (f"0{NOW + 60}", False),
        "a plus": (f"+{NOW + 60}", False),
        "hexadecimal": ("0x7fffffff", False),
        "Infinity": ("Infinity", False),
        "NaN": ("NaN", False),
    }
    for what, (text, good) in numbers.items():
        corpus.add(
            f"exp: {what}",
            raw_number(corpus, "exp", text),
            "accepted" if good else "invalid",
            "a number of seconds, however large" if good else "over, or no number of JSON",
        )
    wrong = {
        "absent": GONE,
        "null": None,
        "a string": str(NOW + 60),
        "a word": "never",
        "empty": "",
        "true": True,
        "false": False,
        "an array": [NOW + 60],
        "an object": {},
        "a date": "2030-01-01T00:00:00Z",
    }
    for what, exp in wrong.items():
        corpus.refuse(f"exp: {what}", corpus.signed(exp=exp), "exp is required and a number")
    corpus.refuse(
        "exp: in milliseconds, but of the header",
        corpus.with_header(exp=NOW + 60, iss="x", kid="none"),
        "what the header repeats does not count, and the key is unknown",
    )
    corpus.refuse(
        "exp: in the header alone",
        corpus.signed(payload=claims(exp=GONE), header={"alg": "EdDSA", "kid": "ed", "exp": NOW + 60}),
        "claims are in the payload",
    )


def add_starts(corpus):
    for claim, word in (("nbf", "good from nbf - leeway on"), ("iat", "issued in the future")):
        edges = [
            (NOW, 0, True),
            (NOW + 1, 0, False),
            (NOW + 30, 30, True),
            (NOW + 31, 30, False),
            (NOW - 10**9, 30, True),
        ]
        for at, leeway, good in edges:
            corpus.add(
                f"{claim}: now{at - NOW:+}, leeway {leeway}",
                corpus.signed(**{claim: at}),
                "accepted" if good else "invalid",
                word,
                rules={"leeway": leeway},
            )
        numbers = {
            "a float": (f"{NOW}.25", True),
            "zero": ("0", True),
            "-1": ("-1", True),
            "-1e300": ("-1e300", True),
            "1e300": ("1e300", False),
            "2^63": ("9223372036854775808", False),
            "2^64": ("18446744073709551616", False),
            "2^64 - 1": ("18446744073709551615", False),
            "1e400": ("1e400", False),
        }
        for what, (text, good) in numbers.items():
            corpus.add(f"{claim}: {what}", raw_number(corpus, claim, text), "accepted" if good else "invalid", word)
        wrong = {"null": None, "a string": str(NOW), "true": True, "false": False, "an array": [NOW], "an object": {}}
        for what, value in wrong.items():
            corpus.refuse(
                f"{claim}: {what}", corpus.signed(**{claim: value}), f"{claim} is a number, or absent (CVE-2026-25537)"
            )
        corpus.accept(f"{claim}: absent", corpus.signed(**{claim: GONE}), "optional")
    corpus.refuse(
        "nbf after exp",
        corpus.signed(exp=NOW + 10, nbf=NOW + 20),
        "good at no time, but for the leeway",
        rules={"leeway": 0},
    )

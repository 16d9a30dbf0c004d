"""The compact form: parts, alphabet, last bits, JSON."""

import json

from corpus import claims
from material import b64, octets, stray_bits
from signing import dumps


def add_rows(corpus):
    token = corpus.signed()
    head, payload, signature = token.split(".")
    corpus.accept(
        "the common token", token, "a right token, which the rows below change", subject="ci", scopes=["wheels:read"]
    )
    add_shapes(corpus, token, head, payload, signature)
    add_encoding(corpus, token, head, payload, signature)
    add_json(corpus)
    add_sizes(corpus)


def add_shapes(corpus, token, head, payload, signature):
    shapes = {
        "nothing": "",
        "a word": "token",
        "one dot": f"{head}.{payload}",
        "two dots alone": "..",
        "no header": f".{payload}.{signature}",
        "no payload": f"{head}..{signature}",
        "no signature": f"{head}.{payload}.",
        "a dot in front": f".{token}",
        "a dot at the end": f"{token}.",
        "four parts": f"{token}.{signature}",
        "an empty part amid": f"{head}..{payload}.{signature}",
        "many dots": "." * 1000,
        "JSON": json.dumps({"payload": payload, "protected": head, "signature": signature}),
        "the scheme before it": f"Bearer {token}",
    }
    for what, text in shapes.items():
        corpus.absent(f"form: {what}", text, "not three parts of base64url by two dots")
    jwe = b64(dumps({"alg": "dir", "enc": "A128GCM", "kid": "ed"}))
    parts = [b64(octets(f"jwe {part}", length)) for part, length in (("iv", 12), ("text", 90), ("tag", 16))]
    corpus.refuse(
        "form: encrypted, direct", ".".join([jwe, "", *parts]), "five parts: an encrypted token is not for us"
    )
    corpus.refuse(
        "form: encrypted, with a key",
        ".".join([jwe, b64(octets("jwe key", 256)), *parts]),
        "five parts: an encrypted token is not for us",
    )


def add_encoding(corpus, token, head, payload, signature):
    def odd(what, text, reason):
        corpus.absent(f"form: {what}", text, reason)

    for name, character in (
        ("a space", " "),
        ("a tab", "\t"),
        ("a line end", "\n"),
        ("NUL", "\0"),
        ("a letter beyond ASCII", "é"),
    ):
        odd(f"{name} in front", character + token, "no such character is of base64url")
        odd(f"{name} at the end", token + character, "no such character is of base64url")
        odd(
            f"{name} within the payload",
            f"{head}.{payload[:9]}{character}{payload[9:]}.{signature}",
            "no such character is of base64url",
        )
    odd(
        "padded header",
        f"{head}{'=' * (-len(head) % 4) or '===='}.{payload}.{signature}",
        "base64url is not padded in JWS",
    )
    odd("padded signature", token + "==", "base64url is not padded in JWS")
    # A payload with both characters that base64url writes in another way.
    with_both = next(
        text for text in (corpus.signed(sub=f"ci>>>???{n}") for n in range(100)) if "-" in text and "_" in text
    )
    corpus.accept("form: both characters of base64url", with_both, "- and _ are of the alphabet")
    odd("the alphabet of base64", with_both.replace("-", "+").replace("_", "/"), "base64url has - and _ in their place")
    for part, name in enumerate(("header", "payload", "signature")):
        for n in range(10):
            changed = corpus.signed(
                payload=claims(sub="ci" + "x" * n), header={"alg": "EdDSA", "kid": "ed", "typ": "JWT", "x": "y" * n}
            )
            parts = changed.split(".")
            if len(parts[part]) % 4 in (2, 3):
                break
        corpus.accept(f"form: before the last bits of the {name}", changed, "the token that the next row changes")
        parts[part] = stray_bits(parts[part])
        corpus.refuse(
            f"form: last bits of the {name}", ".".join(parts), "unused bits are zero, else one token has many spellings"
        )
        parts = changed.split(".")
        parts[part] = parts[part] + "A" * ((1 - len(parts[part])) % 4)
        corpus.refuse(
            f"form: a length of the {name} that none has", ".".join(parts), "4n+1 characters are no base64url"
        )
    # Signed as they stand, so that nothing but the last bits is wrong.
    for name, part in (("header", 0), ("payload", 1)):
        for n in range(10):
            parts = [b64(dumps({"alg": "EdDSA", "kid": "ed", "x": "y" * n})), b64(dumps(claims(sub="ci" + "x" * n)))]
            if len(parts[part]) % 4 in (2, 3):
                break
        parts[part] = stray_bits(parts[part])
        signing_input = ".".join(parts)
        text = f"{signing_input}.{corpus.signing.signature('EdDSA', corpus.ed, signing_input)}"
        corpus.refuse(
            f"form: last bits of the {name}, signed so", text, "unused bits are zero, even where they are signed"
        )


def add_json(corpus):
    good = dumps(claims())
    header = dumps({"alg": "EdDSA", "kid": "ed"})
    payloads = {
        "white space around": (b"\r\n " + good + b" \t\n", True, "JSON allows it"),
        "a byte order mark": (b"\xef\xbb\xbf" + good, False, "JSON begins with no mark (RFC 8259 §8.1)"),
        "text after it": (good + b"x", False, "the object is not all"),
        "a second object after it": (good + good, False, "the object is not all"),
        "a comma at the end": (good[:-1] + b",}", False, "not JSON"),
        "a comment": (good[:-1] + b"/**/}", False, "not JSON"),
        "single quotes": (good.replace(b'"', b"'"), False, "not JSON"),
        "cut off": (good[:-1], False, "not JSON"),
        "an array": (b"[" + good + b"]", False, "claims are an object"),
        "a string": (b'"x"', False, "claims are an object"),
        "null": (b"null", False, "claims are an object"),
        "an empty object": (b"{}", False, "there is no iss"),
        "NaN": (good[:-1] + b',"x":NaN}', False, "not JSON"),
        "bytes that are not UTF-8": (good[:-1] + b',"x":"\xff"}', False, "JSON is UTF-8"),
        "an overlong slash": (good[:-1] + b',"x":"\xc0\xaf"}', False, "JSON is UTF-8"),
        "half a surrogate pair": (good[:-1] + b',"x":"\\ud800"}', False, "no character"),
        "a surrogate pair": (good[:-1] + b',"x":"\\ud83d\\ude00"}', True, "a character"),
        "an escaped name": (good.replace(b'"iss"', b'"\\u0069ss"'), True, "the same name"),
        "a control character": (good[:-1] + b',"x":"\n"}', False, "to be escaped in JSON"),
        "iss twice": (
            good[:-1] + b',"iss":"https://issuer.example"}',
            False,
            "one name twice, and readers differ in which counts",
        ),
        "sub twice": (good[:-1] + b',"sub":"root"}', False, "one name twice, and readers differ in which counts"),
        "exp twice": (b'{"exp":1,' + good[1:], False, "one name twice, and readers differ in which counts"),
        "sub twice, one escaped": (good[:-1] + b',"s\\u0075b":"root"}', False, "escapes do not make another name"),
        "an unknown claim twice": (good[:-1] + b',"x":1,"x":1}', False, "one name twice"),
        "a name twice further in": (
            good[:-1] + b',"x":{"y":[{"z":1,"z":2}]}}',
            False,
            "one name twice, at whatever depth",
        ),
        "one name in two objects": (good[:-1] + b',"x":{"sub":"a"},"y":{"sub":"b"}}', True, "each object has it once"),
        "names apart by case": (good[:-1] + b',"Sub":"root","ISS":"x"}', True, "case tells names apart"),
        "deep arrays": (good[:-1] + b',"x":' + b"[" * 500 + b"]" * 500 + b"}", False, "the depth is bounded"),
        "deep objects": (
            good[:-1] + b',"x":' + b'{"x":' * 500 + b"1" + b"}" * 500 + b"}",
            False,
            "the depth is bounded",
        ),
        "sixteen levels": (good[:-1] + b',"x":' + b"[" * 15 + b"]" * 15 + b"}", True, "the depth is bounded by 16"),
        "seventeen levels": (good[:-1] + b',"x":' + b"[" * 16 + b"]" * 16 + b"}", False, "the depth is bounded by 16"),
        "a number of 400 digits": (good[:-1] + b',"x":' + b"9" * 400 + b"}", False, "no such number is kept"),
    }
    for what, (octets_of, accepted, reason) in payloads.items():
        corpus.add(f"payload: {what}", corpus.signed(payload=octets_of), "accepted" if accepted else "invalid", reason)
    headers = {
        "white space around": (b" " + header + b"\r\n", True, "JSON allows it"),
        "a byte order mark": (b"\xef\xbb\xbf" + header, False, "JSON begins with no mark"),
        "text after it": (header + b"x", False, "the object is not all"),
        "an array": (b"[" + header + b"]", False, "a header is an object"),
        "null": (b"null", False, "a header is an object"),
        "a number": (b"12", False, "a header is an object"),
        "alg twice": (b'{"alg":"EdDSA","kid":"ed","alg":"EdDSA"}', False, "one name twice (RFC 7515 §4)"),
        "alg twice, none first": (b'{"alg":"none","kid":"ed","alg":"EdDSA"}', False, "one name twice (RFC 7515 §4)"),
        "alg twice, none last": (b'{"alg":"EdDSA","kid":"ed","alg":"none"}', False, "one name twice (RFC 7515 §4)"),
        "kid twice": (b'{"alg":"EdDSA","kid":"ed","kid":"ed"}', False, "one name twice (RFC 7515 §4)"),
        "alg twice, one escaped": (
            b'{"alg":"EdDSA","kid":"ed","\\u0061lg":"none"}',
            False,
            "escapes do not make another name",
        ),
        "an unknown member twice": (b'{"alg":"EdDSA","kid":"ed","x":1,"x":1}', False, "one name twice (RFC 7515 §4)"),
        "an escaped value": (b'{"alg":"\\u0045dDSA","kid":"ed"}', True, "the same text"),
        "bytes that are not UTF-8": (b'{"alg":"EdDSA","kid":"ed","x":"\xff"}', False, "JSON is UTF-8"),
        "an unknown member": (b'{"alg":"EdDSA","kid":"ed","x":{"y":1}}', True, "to be ignored (RFC 7515 §4)"),
        "a NUL in the name of alg": (b'{"alg\\u0000":"EdDSA","kid":"ed"}', False, "another name, so there is no alg"),
    }
    for what, (octets_of, accepted, reason) in headers.items():
        corpus.add(f"header: {what}", corpus.signed(header=octets_of), "accepted" if accepted else "invalid", reason)


def add_sizes(corpus):
    for size, accepted in ((8_000, True), (16_384, True), (16_385, False), (20_000, False)):
        corpus.add(
            f"form: {size} characters", of_size(corpus, size), "accepted" if accepted else "invalid", "at most 16 KiB"
        )


def of_size(corpus, size):
    """A token of so many characters: no part has a length of 4n + 1, so header and payload are both varied."""
    payload = claims(x="")
    for more in range(4):
        header = {"alg": "EdDSA", "kid": "ed", "typ": "JWT" if more % 2 else "at+jwt"} | (
            {"x": "y" * more} if more else {}
        )
        about = (size - 2 - 86 - len(b64(dumps(header)))) * 3 // 4 - len(dumps(payload))
        for filler in range(about - 2, about + 3):
            token = corpus.signed(payload=claims(x="y" * filler), header=header)
            if len(token) == size:
                return token
    raise AssertionError(size)

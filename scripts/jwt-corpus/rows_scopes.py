"""Scopes in their several forms, the strict profile of RFC 9068, and tokens that are no access tokens."""

from corpus import GONE, NOW, claims

PROFILE = {"profile": "access-token"}


def add_rows(corpus):
    add_forms(corpus)
    add_profile(corpus)
    add_other_kinds(corpus)


def add_forms(corpus):
    forms = {
        "absent": ({}, []),
        "a string": ({"scope": "a b"}, ["a", "b"]),
        "an empty string": ({"scope": ""}, []),
        "spaces more": ({"scope": "  a   b "}, ["a", "b"]),
        "one": ({"scope": "a"}, ["a"]),
        "twice the same": ({"scope": "a a"}, ["a"]),
        "an array": ({"scope": ["a", "b"]}, ["a", "b"]),
        "an empty array": ({"scope": []}, []),
        "an array with a space": ({"scope": ["a b"]}, ["a b"]),
        "scp": ({"scp": "a b"}, ["a", "b"]),
        "scp as an array": ({"scp": ["a", "b"]}, ["a", "b"]),
        "scopes": ({"scopes": ["a"]}, ["a"]),
        "permissions": ({"permissions": ["a:b"]}, ["a:b"]),
        "all four": ({"permissions": ["d"], "scopes": "c", "scp": ["b"], "scope": "a b"}, ["a", "b", "c", "d"]),
        "with a comma": ({"scope": "a,b"}, ["a,b"]),
        "names apart by case": ({"scope": "Read read"}, ["Read", "read"]),
        "a prefix of another": ({"scope": "treasure:readonly"}, ["treasure:readonly"]),
        "groups and roles": ({"groups": ["a"], "roles": ["b"]}, []),
        "in another object": ({"realm_access": {"roles": ["a"]}}, []),
    }
    for what, (members, scopes) in forms.items():
        corpus.accept(
            f"scopes: {what}",
            corpus.signed(**{"scope": GONE} | members),
            "granted whole, in order, once each",
            scopes=scopes,
            subject="ci",
        )
    wrong = {
        "a number": 1,
        "true": True,
        "an object": {"a": 1},
        "an array with a number": ["a", 1],
        "an array with null": ["a", None],
        "an array in an array": [["a"]],
    }
    for claim in ("scope", "scp", "scopes", "permissions"):
        for what, value in wrong.items():
            corpus.refuse(
                f"{claim}: {what}",
                corpus.signed(**{"scope": GONE} | {claim: value}),
                "a string or an array of strings; what cannot be read grants nothing",
            )
        corpus.accept(
            f"{claim}: null",
            corpus.signed(**{"scope": GONE} | {claim: None}),
            "null is no claim, and grants nothing",
            scopes=[],
        )
    roles = {"scope_claims": [["realm_access", "roles"]]}
    corpus.accept(
        "scopes by a path",
        corpus.signed(scope="a", realm_access={"roles": ["b", "c"]}),
        "this claim alone is read",
        rules=roles,
        scopes=["b", "c"],
    )
    corpus.accept(
        "scopes by a path that is absent", corpus.signed(scope="a"), "nothing is granted", rules=roles, scopes=[]
    )
    corpus.accept(
        "scopes by a path, with a dot in a name",
        corpus.signed(**{"realm_access.roles": ["b"]}),
        "a dot is a character of a name",
        rules=roles,
        scopes=[],
    )
    corpus.accept(
        "scopes by a path, a URL",
        corpus.signed(**{"https://issuer.example/roles": ["b"]}),
        "a path of one name",
        rules={"scope_claims": [["https://issuer.example/roles"]]},
        scopes=["b"],
    )


def add_profile(corpus):
    """RFC 9068 §2.2 and §4."""
    at = {"alg": "EdDSA", "kid": "ed", "typ": "at+jwt"}
    full = claims(client_id="cli", jti="1")

    def token(header=at, **changes):
        merged = {name: value for name, value in (full | changes).items() if value is not GONE}
        return corpus.signed(payload=merged, header=header)

    corpus.accept(
        "profile: complete", token(), "all that RFC 9068 asks for", rules=PROFILE, subject="ci", scopes=["wheels:read"]
    )
    for typ in ("AT+JWT", "application/at+jwt", "Application/At+Jwt"):
        corpus.accept(
            f"profile: typ {typ}", token(at | {"typ": typ}), "in any case, with or without application/", rules=PROFILE
        )
    for typ in ("JWT", "jwt", "application/jwt", "id+jwt", "logout+jwt", "at+jwt+x", "at+JWT ", ""):
        corpus.refuse(f"profile: typ {typ!r}", token(at | {"typ": typ}), "typ is at+jwt", rules=PROFILE)
    corpus.refuse("profile: no typ", token({"alg": "EdDSA", "kid": "ed"}), "typ is at+jwt", rules=PROFILE)
    for claim in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti"):
        corpus.refuse(
            f"profile: no {claim}", token(**{claim: GONE}), f"{claim} is required (RFC 9068 §2.2)", rules=PROFILE
        )
    for claim in ("client_id", "jti"):
        for what, value in {"a number": 1, "null": None, "an array": ["x"]}.items():
            corpus.refuse(f"profile: {claim} is {what}", token(**{claim: value}), f"{claim} is a string", rules=PROFILE)
        corpus.accept(f"no profile: no {claim}", token(**{claim: GONE}), "asked for by the profile alone")
    corpus.accept(
        "profile: scopes of other claims",
        token(scp=["b"], permissions=["c"]),
        "scope is the one of RFC 9068",
        rules=PROFILE,
        scopes=["wheels:read"],
    )
    corpus.refuse(
        "profile: scope is an array", token(scope=["a"]), "scope is a string of words (RFC 9068 §2.2.3)", rules=PROFILE
    )
    corpus.accept("no profile: the same token", token(), "typ at+jwt is welcome without the profile too")


def add_other_kinds(corpus):
    """An ID token says that somebody signed in at a client; it opens nothing (RFC 8725 §3.12)."""
    id_token = {"nonce": "n", "auth_time": NOW - 60, "azp": "packages", "scope": GONE}
    for member in ("at_hash", "c_hash"):
        for value in ("x", "", None, 1):
            corpus.refuse(
                f"ID token: {member} is {value!r}",
                corpus.signed(**id_token | {member: value}),
                f"{member} is of ID tokens alone",
            )
    for kind in ("ID", "Refresh", "Offline", "Logout"):
        corpus.refuse(
            f"ID token: its payload says typ {kind}", corpus.signed(typ=kind), "Keycloak's mark of another kind"
        )
    corpus.accept(
        "ID token: its payload says typ Bearer", corpus.signed(typ="Bearer"), "Keycloak's mark of an access token"
    )
    corpus.refuse(
        "ID token: its token_use is id", corpus.signed(token_use="id"), "Amazon Cognito's mark of an ID token"
    )
    corpus.accept(
        "ID token: its token_use is access",
        corpus.signed(token_use="access"),
        "Amazon Cognito's mark of an access token",
    )
    corpus.refuse("events in a plain token", corpus.signed(events={}), "a security event (RFC 8417)")
    corpus.refuse(
        "ID token: in the strict profile",
        corpus.signed(**id_token, header={"alg": "EdDSA", "kid": "ed", "typ": "JWT"}),
        "typ is at+jwt",
        rules=PROFILE,
    )
    corpus.refuse(
        "ID token: for its client",
        corpus.signed(**id_token | {"aud": "cli", "azp": "cli"}),
        "its audience is the client",
    )
    corpus.refuse(
        "logout token",
        corpus.signed(
            events={"http://schemas.openid.net/event/backchannel-logout": {}},
            header={"alg": "EdDSA", "kid": "ed", "typ": "logout+jwt"},
        ),
        "a token of another kind",
    )

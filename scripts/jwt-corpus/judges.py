"""What joserfc, PyJWT and npm's `jose` say of a row, each asked for all that it can be asked for."""

import datetime
import json

import joserfc.jwk
import joserfc.jwt
import jwt
import jwt.api_jwt

from corpus import RULES
from material import unb64

ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class Standing(datetime.datetime):
    """Stands in for `datetime` in PyJWT, which has no parameter for the time."""

    moment = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(cls.moment, tz)


jwt.api_jwt.datetime = Standing


def algorithms(rules, key_set):
    named = rules.get("algorithms")
    return named or ([key_set["algorithm"]] if "secret" in key_set else ASYMMETRIC)


def by_joserfc(row, rules, key_set):
    if "secret" in key_set:
        key = joserfc.jwk.OctKey.import_key(unb64(key_set["secret"]))
    elif "pem" in key_set:
        kinds = (joserfc.jwk.RSAKey, joserfc.jwk.ECKey, joserfc.jwk.OKPKey)
        key = next(filter(None, (imported(kind, key_set["pem"]) for kind in kinds)))
    else:
        key = joserfc.jwk.KeySet.import_key_set(json.loads(key_set["jwks"]))
    token = joserfc.jwt.decode(row["token"], key, algorithms=algorithms(rules, key_set))
    wanted = {"iss": {"essential": True, "value": rules["issuer"]}, "exp": {"essential": True}}
    if rules["audiences"] is not None:
        wanted["aud"] = {"essential": True, "values": rules["audiences"]}
    registry = joserfc.jwt.JWTClaimsRegistry(now=rules["now"], leeway=rules["leeway"], **wanted)
    registry.validate(token.claims)


def imported(kind, pem):
    try:
        return kind.import_key(pem)
    except Exception:
        return None


def by_pyjwt(row, rules, key_set):
    if "secret" in key_set:
        key = unb64(key_set["secret"])
    elif "pem" in key_set:
        key = key_set["pem"]
    else:
        keys = jwt.PyJWKSet.from_dict(json.loads(key_set["jwks"])).keys
        kid = jwt.get_unverified_header(row["token"]).get("kid")
        # As PyJWKClient chooses; a set of one key needs no name.
        named = [one for one in keys if one.key_id == kid]
        key = named[0] if named or len(keys) > 1 else keys[0]
    Standing.moment = rules["now"]
    required = ["exp", "iss"] + (["aud"] if rules["audiences"] is not None else [])
    options = {"require": required, "verify_aud": rules["audiences"] is not None, "enforce_minimum_key_length": True}
    jwt.decode(
        row["token"],
        key,
        algorithms=algorithms(rules, key_set),
        audience=rules["audiences"],
        issuer=rules["issuer"],
        leeway=rules["leeway"],
        options=options,
    )


def verdicts(row, key_set, jose):
    rules = RULES | row["rules"]
    said = {}
    for name, judge in (("joserfc", by_joserfc), ("PyJWT", by_pyjwt)):
        try:
            judge(row, rules, key_set)
            said[name] = "accepted"
        except Exception:
            said[name] = "refused"
    request = {
        "token": row["token"],
        "keySet": key_set,
        "algorithms": algorithms(rules, key_set),
        "issuer": rules["issuer"],
        "leeway": rules["leeway"],
        "now": rules["now"],
        "requiredClaims": ["exp"],
    }
    if rules["audiences"] is not None:
        request["audience"] = rules["audiences"]
    if rules["profile"] == "access-token":
        request["typ"] = "at+jwt"
        request["requiredClaims"] = ["exp", "sub", "client_id", "iat", "jti"]
    said["jose"] = jose.ask("judge", **request)
    return said

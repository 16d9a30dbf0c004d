"""Asks a gateway for answers of every kind, and reads them with httplint and REDbot.

http_lint.py ENDPOINT KEY SECRET ADDRESS: fills the bucket `site` of the S3 at ENDPOINT, then asks the gateway at
ADDRESS. Fails if an answer has another status than expected, lacks a header, or has a note of level bad or warning
that is not in ALLOWED; and if an entry of ALLOWED is not needed.

http_lint.py redbot URL [AUTHORIZATION]: prints the notes of REDbot, which asks for parts and revalidates.
"""

import base64
import subprocess
import sys
import time
from configparser import ConfigParser
from http.client import HTTPConnection

from httplint import HttpRequestLinter, HttpResponseLinter
from httplint.note import levels

ALLOWED = {
    "FRESHNESS_HEURISTIC": "an object has the Cache-Control that it was stored with, and may have none",
    "MISSING_HDRS_304": "SeaweedFS has no Cache-Control in 304, so there is none to forward",
    "STATUS_BAD_REQUEST": "these requests are refused with 400 on purpose",
}
WRONG = "Basic " + base64.b64encode(b"somebody:guess").decode()
CI = "Basic " + base64.b64encode(b"ci:pa55word").decode()
OBJECTS = {
    "index.html": (b"<!doctype html><title>Index</title>\n" * 100, "text/html; charset=utf-8"),
    "a/index.html": (b"<!doctype html><title>A</title>\n" * 100, "text/html; charset=utf-8"),
    "404.html": (b"<!doctype html><title>Not here</title>\n", "text/html; charset=utf-8"),
    "x.txt": (b"text\n" * 1000, "text/plain; charset=utf-8"),
    "x.whl": (bytes(10_000), "application/octet-stream", "max-age=60"),
    "empty": (b"", "text/plain; charset=utf-8"),
}
PLAIN = ["content-length", "content-type", "date", "x-content-type-options"]
OBJECT = [*PLAIN, "accept-ranges", "etag", "last-modified"]
ERROR = [*PLAIN, "cache-control"]
PRIVATE = ["cache-control", "vary"]
CHALLENGE = [*ERROR, "www-authenticate"]
# A HEAD starts or ends no sign-in. Of a part, RFC 9110 section 14.2 knows no HEAD.
GET_ALONE = ("/people/oauth2/login", "/people/oauth2/callback")
DOCUMENT = "/.well-known/oauth-protected-resource/api"


def rows(etag, modified):
    """Method, path, headers, status, and what the answer must have."""
    get = [
        ("/open/x.txt", {}, 200, OBJECT),
        ("/open/x.whl", {}, 200, [*OBJECT, "cache-control"]),
        ("/open/empty", {}, 200, OBJECT),
        ("/open/", {}, 200, OBJECT),
        ("/open/a/", {}, 200, OBJECT),
        ("/open/x.txt", {"If-None-Match": etag}, 304, ["date", "etag"]),
        ("/open/x.txt", {"If-Modified-Since": modified}, 304, ["date", "etag"]),
        ("/open/x.txt", {"If-Match": '"other"'}, 412, ERROR),
        ("/open/x.txt", {"Range": "bytes=0-9"}, 206, [*OBJECT, "content-range"]),
        ("/open/x.txt", {"Range": "bytes=0-9", "If-Range": etag}, 206, [*OBJECT, "content-range"]),
        ("/open/x.txt", {"Range": "bytes=0-9", "If-Range": '"other"'}, 200, OBJECT),
        ("/open/x.txt", {"Range": "bytes=9999-"}, 416, [*ERROR, "content-range"]),
        ("/open/x.txt", {"Range": "bytes=0-1,5-6"}, 200, OBJECT),
        ("/open/none", {}, 404, ERROR),
        ("/open", {}, 302, ["cache-control", "location"]),
        ("/nothing", {}, 404, ERROR),
        ("/open/%2e%2e/x", {}, 400, ERROR),
        ("/broken/x", {}, 502, ERROR),
        ("/site/", {}, 200, [*OBJECT, "content-security-policy"]),
        ("/site/none", {}, 404, [*ERROR, "content-security-policy"]),
        ("/basic/x.whl", {}, 401, CHALLENGE),
        ("/basic/x.whl", {"Authorization": "Basic !"}, 401, CHALLENGE),
        ("/basic/x.whl", {"Authorization": CI}, 200, [*OBJECT, *PRIVATE]),
        ("/basic/x.txt", {"Authorization": CI, "If-None-Match": etag}, 304, ["date", "etag", *PRIVATE]),
        ("/basic/x.txt", {"Authorization": CI, "Range": "bytes=0-9"}, 206, [*OBJECT, *PRIVATE]),
        ("/basic/none", {"Authorization": CI}, 404, ERROR),
        ("/api/x", {}, 401, CHALLENGE),
        ("/api/x", {"Authorization": "Bearer x"}, 401, CHALLENGE),
        (DOCUMENT, {}, 200, [*PLAIN, "cache-control"]),
        ("/people/", {"Accept": "text/html"}, 302, ["cache-control", "location", "set-cookie"]),
        ("/people/oauth2/login", {}, 302, ["cache-control", "location", "set-cookie"]),
        ("/people/oauth2/logout", {}, 200, ERROR),
        ("/people/oauth2/callback", {}, 400, ERROR),
        ("/people/oauth2/callback?code=x&state=y", {}, 403, ERROR),
        ("/-/live", {}, 200, ERROR),
        ("/-/ready", {}, 503, ERROR),
    ]
    other = [
        ("POST", "/open/x.txt", {}, 405, [*ERROR, "allow"]),
        ("PUT", "/basic/x.txt", {"Authorization": CI}, 405, [*ERROR, "allow"]),
        ("DELETE", "/-/live", {}, 405, [*ERROR, "allow"]),
        ("POST", DOCUMENT, {}, 405, [*ERROR, "allow"]),
        ("OPTIONS", "/open/x.txt", {}, 200, ["allow", "content-length"]),
        ("OPTIONS", "/basic/x.txt", {}, 401, CHALLENGE),
        ("POST", "/people/oauth2/logout", {}, 403, ERROR),
    ]
    guess = ("POST", "/basic/x.txt", {"Authorization": WRONG})
    guesses = [(*guess, 401, CHALLENGE)] * 5 + [(*guess, 429, [*ERROR, "retry-after"])]
    return [("GET", *row) for row in get] + other + guesses


def fill(endpoint, key, secret):
    import boto3
    from botocore.config import Config
    from botocore.exceptions import EndpointConnectionError

    s3 = boto3.client("s3", endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                      region_name="us-east-1", config=Config(s3={"addressing_style": "path"}))
    deadline = time.monotonic() + 60
    while True:
        try:
            s3.create_bucket(Bucket="site")
            break
        except EndpointConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    for name, (body, content_type, *control) in OBJECTS.items():
        more = {"CacheControl": control[0]} if control else {}
        s3.put_object(Bucket="site", Key=name, Body=body, ContentType=content_type, **more)


def exchange(address, method, path, headers):
    connection = HTTPConnection(address, timeout=60)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def notes_of(found):
    """The names and summaries of the bad and warning ones, and of those below them."""
    for note in found:
        if note.level in (levels.BAD, levels.WARN):
            yield type(note).__name__, note.summary
        yield from notes_of(note.subnotes)


def lint(address, method, path, headers):
    """The answer, and the notes of httplint."""
    begun = time.time()
    response, body = exchange(address, method, path, headers)
    request = HttpRequestLinter()
    request.process_request_topline(method.encode(), f"http://{address}{path}".encode(), b"1.1")
    sent = {"Host": address, **headers}
    request.process_headers([(name.encode(), value.encode()) for name, value in sent.items()])
    linter = HttpResponseLinter(start_time=begun, _related=request, no_content=method == "HEAD")
    linter.base_uri = f"http://{address}{path}"
    linter.process_response_topline(b"1.1", str(response.status).encode(), response.reason.encode())
    linter.process_headers([(name.encode(), value.encode("latin-1")) for name, value in response.getheaders()])
    linter.feed_content(body)
    linter.finish_content(True)
    return response, list(notes_of(linter.notes))


def redbot(url, authorization=None):
    import thor
    from redbot.resource import HttpResource

    config = ConfigParser()
    config.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(config["redbot"])
    resource.set_request(url, headers=[("Authorization", authorization)] if authorization else [])
    resource.on("check_done", thor.stop)
    resource.check()
    thor.run()
    if not (resource.partial_support and resource.inm_support and resource.ims_support):
        print("SUPPORT\tparts or revalidation do not work")
    for answer in (resource, *resource.subreqs.values()):
        for name, summary in notes_of(answer.response.notes):
            print(f"{name}\t{summary}")


def stable(response):
    """The headers that a HEAD has in common with a GET."""
    passing = ("date", "x-request-id", "set-cookie", "location")
    return {name.lower(): value for name, value in response.getheaders() if name.lower() not in passing}


def main(endpoint, key, secret, address):
    fill(endpoint, key, secret)
    first, _ = exchange(address, "GET", "/open/x.txt", {})
    wrong, needed = [], set()

    def judge(case, notes):
        for name, summary in notes:
            needed.add(name)
            if name not in ALLOWED:
                wrong.append(f"{case}: {name}: {summary}")

    for method, path, headers, status, required in rows(first.getheader("etag"), first.getheader("last-modified")):
        case = f"{method} {path} {headers}"
        response, notes = lint(address, method, path, headers)
        judge(case, notes)
        if response.status != status:
            wrong.append(f"{case}: {response.status}, not {status}")
        wrong.extend(f"{case}: no {name}" for name in required if not response.getheader(name))
        if method == "GET" and "Range" not in headers and not path.startswith(GET_ALONE):
            head, notes = lint(address, "HEAD", path, headers)
            judge(f"HEAD {path} {headers}", notes)
            if head.status != status or (status != 302 and stable(head) != stable(response)):
                wrong.append(f"HEAD {path} {headers}: {head.status} {stable(head)}, not {stable(response)}")
    for path, *authorization in [["/open/x.txt"], ["/open/x.whl"], ["/open/a/"], ["/site/"], ["/basic/x.whl", CI]]:
        command = [sys.executable, __file__, "redbot", f"http://{address}{path}", *authorization]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        judge(f"REDbot {path}", [line.split("\t") for line in said.splitlines()])
    wrong.extend(f"{name} is allowed, and never noted" for name in ALLOWED.keys() - needed)
    print("\n".join(wrong))
    return len(wrong)


if sys.argv[1] == "redbot":
    redbot(*sys.argv[2:])
else:
    sys.exit(main(*sys.argv[1:]) != 0)

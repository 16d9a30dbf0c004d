"""The gateway, its settings and its watched files."""

import base64
import os
import pathlib
import re
import subprocess
import sys

# The hashes of `first` and `second`, by bcrypt's cost: without optimisation, a check takes ten times as long.
HASHES = {
    5: ("$2b$05$KWLqozlWNLvrBT8hVuHSWO/fd4DpLaQYidw40L.TaMWW/SPhroAIO", "$2b$05$ePZVt44GKSV56jUgmPUih.R4AoW7Ltzrhkaj2CmTr0swwXgJld7aO"),
    12: ("$2b$12$/7rot095wutvZFxggKAKheqov5VpyCJWV8HR1EypJFVLHePa1.mN6", "$2b$12$pzU0Fi4rZzD6NXPWm4ry9eyNNOKz100gd5l.d938M9hCpc601TxOu"),
}
TLS = """
[tls]
certfile = "{dir}/tls.crt"
keyfile = "{dir}/tls.key"
[[mounts]]
path = "/"
insecure_no_auth = true
{s3}
"""
SETTINGS = """
[health]
live = "/-/live"
[[mounts]]
path = "/basic"
[mounts.basic]
htpasswd_file = "{dir}/htpasswd"
group_file = "{dir}/groups"
require = ["readers"]
{s3}
[[mounts]]
path = "/tokens"
[mounts.tokens]
file = "{dir}/tokens.json"
{s3}
[[mounts]]
path = "/people"
[mounts.sso]
authorize_url = "https://sso.example.com/authorize"
token_url = "https://sso.example.com/token"
user_url = "https://sso.example.com/user"
client_id = "files"
client_secret_env = "CLIENT_SECRET"
public_url = "https://files.example.com"
cookie_secret_env = "COOKIE_SECRET"
allow_everyone_signed_in = true
{s3}
"""
S3 = """[mounts.s3]
bucket = "soak"
region = "eu-west-1"
endpoint_url = "http://127.0.0.1:{port}"
"""


class Program:
    """A gateway, of which memory and descriptors are sampled."""

    def __init__(self, path, directory, name, settings):
        file = pathlib.Path(directory, name)
        file.write_text(settings)
        environment = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "CLIENT_SECRET": "secret",
                       "COOKIE_SECRET": base64.b64encode(os.urandom(32)).decode()}
        command = [path, "--listen", "127.0.0.1:0", "--config", file]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment)
        for line in self.process.stderr:
            if found := re.search(rb"://(127\S+?)/?$", line.strip()):
                self.address = found[1].decode()
                break
            print(line.decode(), end="")
        else:
            sys.exit("the program does not serve")
        self.reads_log = True
        os.set_blocking(self.process.stderr.fileno(), False)

    def drain_log(self):
        """A log that nobody reads must not stop the program, nor grow in it."""
        while self.reads_log and self.process.stderr.read(1 << 20):
            pass

    def mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        self.process.terminate()
        self.reads_log = True
        os.set_blocking(self.process.stderr.fileno(), True)
        self.process.stderr.read()
        self.process.wait()


class Files:
    """The files that the program reads again, in two versions each."""

    def __init__(self, path, directory):
        self.path, self.directory = path, pathlib.Path(directory)
        self.hashes = HASHES[12 if "/release/" in path else 5]
        self.tokens, self.token_files = [], []
        for name in ("reader", "second"):
            self.tokens.append(self.run(path, "token", "new", "--token-file", "tokens.json", "--no-expiry", name))
            self.token_files.append((self.directory / "tokens.json").read_text())
        self.certificates = [self.certificate(name) for name in ("first", "second")]
        self.write(0)

    def run(self, *command):
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.directory)
        return done.stdout.strip()

    def certificate(self, name):
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-days", "2", "-subj", f"/CN={name}", "-keyout", "made.key", "-out", "made.crt")
        return [(self.directory / f"made.{end}").read_text() for end in ("key", "crt")]

    def write(self, version):
        """In version 1, `changing` has the second password, `moving` is a reader, and there are two tokens."""
        users = ["ci", "good", "attacker", *(f"user{n}" for n in range(1000))]
        lines = [f"{user}:{self.hashes[0]}\n" for user in [*users, "moving"]]
        self.replace("htpasswd", "".join(lines) + f"changing:{self.hashes[version]}\n")
        self.replace("groups", f"readers: {' '.join(users)} changing {'moving' * version}\n")
        self.replace("tokens.json", self.token_files[version])
        for end, text in zip(("key", "crt"), self.certificates[version]):
            self.replace(f"tls.{end}", text)

    def replace(self, name, text):
        new = self.directory / f"{name}.new"
        new.write_text(text)
        new.chmod(0o600)
        os.replace(new, self.directory / name)

"""Writes the archives in `vectors`, by Python's own modules: the same every time.

    python3 tests/it/archives/make_vectors.py
"""

import base64
import gzip
import hashlib
import io
import pathlib
import tarfile
import zipfile

FOLDER = pathlib.Path(__file__).parent / "vectors"
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n"
LONG = "demo-1.0/" + "/".join(["a-long-name-of-a-folder"] * 6) + "/data.txt"


def members():
    files = {
        "demo/__init__.py": b"VERSION = '1.0'\n" * 20,
        "demo/naïve, data.txt": "ä\n".encode(),
        "demo-1.0.dist-info/METADATA": METADATA,
        "demo-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n",
    }
    record = "".join(f'"{name}",{digest(data)},{len(data)}\n' for name, data in files.items())
    return {**files, "demo-1.0.dist-info/RECORD": (record + "demo-1.0.dist-info/RECORD,,\n").encode()}


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class Pipe(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    def tell(self):
        raise io.UnsupportedOperation


def wheel(name, method=zipfile.ZIP_DEFLATED, limit=zipfile.ZIP64_LIMIT, comment=b"", target=io.BytesIO):
    before, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, limit
    out = target()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = comment
        for path, data in members().items():
            info = zipfile.ZipInfo(path)
            info.compress_type = method
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    zipfile.ZIP64_LIMIT = before
    (FOLDER / f"{name}.whl").write_bytes(out.getvalue())


def sdist(name, form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for path, data in {"demo-1.0/PKG-INFO": METADATA, LONG: b"data\n"}.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        info = tarfile.TarInfo("demo-1.0/README")
        info.type, info.linkname = tarfile.SYMTYPE, LONG.removeprefix("demo-1.0/")
        archive.addfile(info)
    (FOLDER / f"{name}.tar.gz").write_bytes(gzip.compress(out.getvalue(), mtime=0))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    wheel("deflated")
    wheel("stored", zipfile.ZIP_STORED)
    wheel("comment", comment=b"a comment" * 100)
    wheel("zip64", limit=1)
    wheel("data-descriptor", target=Pipe)
    sdist("pax", tarfile.PAX_FORMAT)
    sdist("gnu", tarfile.GNU_FORMAT)

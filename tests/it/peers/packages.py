"""Writes the packages of the tests: packages.py FOLDER.

Two distributions: a wheel, and an sdist that needs it. The sdist is built by this very file, as a
PEP 517 backend that needs nothing, so that a client that installs it asks for these two alone.
"""

import io
import random
import sys
import tarfile
import zipfile
from pathlib import Path

# The project's name is not in its normal form, and the version has a plus, which a URL may spell in two ways.
WHEEL = ("Peer.Wheel", "peer_wheel", "1.0+local", "")
SDIST = ("peer-sdist", "peer_sdist", "2.0", "Requires-Dist: Peer_Wheel\n")


def metadata(name, version, requires):
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"


def write_wheel(folder, name, module, version, requires, data=b""):
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": f"VERSION = {version!r}\n",
        f"{module}/data": data,
        f"{info}/METADATA": metadata(name, version, requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: peers\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    # The hashes in a record may be left out.
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    path = Path(folder, f"{module}-{version}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return path.name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return write_wheel(wheel_directory, *SDIST)


def write_sdist(folder):
    name, module, version, requires = SDIST
    files = {
        "PKG-INFO": metadata(name, version, requires),
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "packages"\nbackend-path = ["."]\n',
        "packages.py": Path(__file__).read_text(),
    }
    with tarfile.open(Path(folder, f"{module}-{version}.tar.gz"), "w:gz") as archive:
        for file, content in files.items():
            member = tarfile.TarInfo(f"{module}-{version}/{file}")
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))


if __name__ == "__main__":
    # So large, and so hard to compress, that a client that reads parts of it reads less than all.
    write_wheel(sys.argv[1], *WHEEL, random.Random(0).randbytes(200_000))
    write_sdist(sys.argv[1])

"""A Debian package (deb(5), version 2.0) written byte by byte: dpkg-deb is not everywhere, and differs by its version.

It carries the distributive as it is, signature and all. The first installation unpacks it by its own install.sh; a
later package only puts the file there and says how to go over to it: nothing is updated by itself (R3).
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from release.pack import gzipped

FILES = Path(__file__).resolve().parent / "files"
UNITS = "usr/lib/systemd/system"
SETTINGS = "etc/provodnik/provodnik.env"


@dataclass(frozen=True)
class Placed:
    """A file of the package and its permissions; owner and group are root."""

    content: bytes
    mode: int = 0o644


def package(
    version: str, pythons: tuple[str, ...], distributive: bytes, changes: bytes, licence: bytes, mtime: int
) -> bytes:
    """The .deb. `distributive`: the whole signed .tar.gz."""
    data = content(version, distributive, changes, licence)
    control = {
        "control": Placed(told(version, pythons, data).encode()),
        "conffiles": Placed(f"/{SETTINGS}\n".encode()),
        "md5sums": Placed(_sums(data).encode()),
    }
    for path in sorted((FILES / "debian").iterdir()):
        script = path.read_text(encoding="utf-8").replace("@VERSION@", version)
        control[path.name] = Placed(script.encode(), 0o755)
    return ar(
        {
            "debian-binary": b"2.0\n",
            "control.tar.gz": gzipped(_tar(control, mtime)),
            "data.tar.gz": gzipped(_tar(data, mtime)),
        },
        mtime,
    )


def content(version: str, distributive: bytes, changes: bytes, licence: bytes) -> dict[str, Placed]:
    parcel = FILES / "parcel"
    found = {
        f"usr/share/provodnik/provodnik-{version}.tar.gz": Placed(distributive),
        "usr/bin/provodnik": Placed((parcel / "provodnik.sh").read_bytes(), 0o755),
        SETTINGS: Placed((parcel / "provodnik.env").read_bytes(), 0o640),
        "usr/share/doc/provodnik/copyright": Placed(licence),
        "usr/share/doc/provodnik/changelog.gz": Placed(gzipped(changes)),
    }
    for path in sorted((parcel / "systemd").rglob("*")):
        if path.is_file():
            found[f"{UNITS}/{path.relative_to(parcel / 'systemd').as_posix()}"] = Placed(path.read_bytes())
    return found


def told(version: str, pythons: tuple[str, ...], data: Mapping[str, Placed]) -> str:
    """The control file. The packages inside are made for these versions of Python, and for no other."""
    minors = [int(one.partition(".")[2]) for one in pythons]
    size = sum(len(one.content) for one in data.values()) // 1024
    return (
        "Package: provodnik\n"
        f"Version: {version}\n"
        "Architecture: amd64\n"
        "Maintainer: PROvodnik <hd@rosvodokanal.ru>\n"
        f"Installed-Size: {size}\n"
        f"Depends: python3 (>= 3.{min(minors)}), python3 (<< 3.{max(minors) + 1}), util-linux, passwd\n"
        "Recommends: openssl, nginx\n"
        "Section: web\n"
        "Priority: optional\n"
        "Description: PROводник, «Личный кабинет сотрудника»\n"
        " Кабинет сотрудника и служба поддержки на своём сервере. Ставится без сети, ничего не запускает сам;\n"
        " обновление ведёт администратор: provodnik upgrade.\n"
    )


def ar(members: Mapping[str, bytes], mtime: int) -> bytes:
    """An archive of ar(5)."""
    packed = bytearray(b"!<arch>\n")
    for name, content in members.items():
        packed += f"{name:<16}{mtime:<12}{0:<6}{0:<6}{0o100644:<8o}{len(content):<10}`\n".encode()
        packed += content + b"\n" * (len(content) % 2)
    return bytes(packed)


def _tar(files: Mapping[str, Placed], mtime: int) -> bytes:
    """ustar with every folder before what lies in it, all paths from ./ as dpkg wants them."""
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in sorted(folders):
            tar.addfile(_info("./" if folder == "." else f"./{folder}/", 0, 0o755, mtime, tarfile.DIRTYPE))
        for path, placed in sorted(files.items()):
            tar.addfile(_info(f"./{path}", len(placed.content), placed.mode, mtime), io.BytesIO(placed.content))
    return packed.getvalue()


def _info(name: str, size: int, mode: int, mtime: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime, info.type = size, mode, mtime, kind
    info.uname = info.gname = "root"
    return info


def _sums(data: Mapping[str, Placed]) -> str:
    return "".join(
        f"{hashlib.md5(placed.content, usedforsecurity=False).hexdigest()}  {path}\n"
        for path, placed in sorted(data.items())
        if path != SETTINGS
    )

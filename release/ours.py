"""Our own wheel (PEP 427), written file by file: setuptools would do it as well, but each version of it otherwise."""

from __future__ import annotations

import base64
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from provodnik import __version__
from release.pack import Member
from release.source import Source, Unfit

# What setup makes of the commit's files; git does not keep it.
BUILT = ("provodnik/ui/static/built/*", "provodnik/**/*.mo")
NEEDED = ("provodnik/ui/static/built/app.css", "provodnik/ui/static/built/app.js", "provodnik/ui/static/built/desk.js")
NAME = f"provodnik-{__version__}-py3-none-any.whl"
WHEEL = b"Wheel-Version: 1.0\nGenerator: release\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
# 1980 is where the calendar of ZIP begins; a wheel needs no other day.
_DAY = (1980, 1, 1, 0, 0, 0)


def wheel(source: Source) -> bytes:
    """The wheel of this commit. Raises Unfit when styles, scripts or Russian texts are not built."""
    files = package_files(source)
    info = f"provodnik-{__version__}.dist-info"
    project = tomllib.loads((source.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    files[f"{info}/METADATA"] = Member(metadata(project, __version__).encode())
    files[f"{info}/WHEEL"] = Member(
        b"Wheel-Version: 1.0\nGenerator: release\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = Member(entry_points(project).encode())
    for name in ("LICENSE", "NOTICE"):
        if name in source.tracked:
            files[f"{info}/licenses/{name}"] = Member((source.root / name).read_bytes())
    files[f"{info}/RECORD"] = Member(record(files, f"{info}/RECORD").encode())
    return zipped(files)


def package_files(source: Source) -> dict[str, Member]:
    """Files of the package: tracked ones without tests and sources of translations, and what is built of them."""
    tracked = [path for path in source.tracked if path.startswith("provodnik/") and _is_installed(path)]
    built = [path.relative_to(source.root).as_posix() for one in BUILT for path in source.root.glob(one)]
    lacking = [path for path in NEEDED if path not in built]
    catalogues = [path for path in source.tracked if path.endswith("/django.po")]
    lacking += [path for path in (f"{one[:-3]}.mo" for one in catalogues) if path not in built]
    if lacking:
        raise Unfit(f"Не собрано: {', '.join(lacking[:3])}. Сначала: make setup")
    return {path: Member((source.root / path).read_bytes()) for path in sorted({*tracked, *built})}


def _is_installed(path: str) -> bool:
    pure = PurePosixPath(path)
    return "tests" not in pure.parts and pure.suffix not in (".po", ".pot")


def metadata(project: Mapping[str, Any], version: str) -> str:
    """METADATA (core metadata 2.4) from [project] of pyproject.toml."""
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {one}" for one in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def entry_points(project: Mapping[str, Any]) -> str:
    lines = ["[console_scripts]", *(f"{name} = {place}" for name, place in sorted(project["scripts"].items()))]
    return "\n".join(lines) + "\n"


def record(files: Mapping[str, Member], itself: str) -> str:
    """RECORD: each file with its sum, but for itself."""
    lines = []
    for path, member in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(member.content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(member.content)}\n")
    return "".join([*lines, f"{itself},,\n"])


def zipped(files: Mapping[str, Member]) -> bytes:
    """A ZIP of files in the order of their names, without times and owners."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, member in sorted(files.items()):
            info = zipfile.ZipInfo(path, _DAY)
            info.create_system, info.external_attr = 3, (0o100755 if member.executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.content)
    return packed.getvalue()

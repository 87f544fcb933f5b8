"""Everything that a distributive consists of, in memory, before it is packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provodnik import __version__
from provodnik.core.versions import NotAVersion, Version, read_version
from release import history, ours, schema
from release.lock import POSTGRES, Locked, read_lock, requirement_lines
from release.manuals import manuals
from release.pack import About, Member, digest, members_of, with_sums
from release.sbom import sbom
from release.source import Source, Unfit
from release.wheels import PLATFORM, fetch

FILES = Path(__file__).resolve().parent / "files"
PYTHONS = ("3.11",)
LONGEST_NAME = 100  # bytes of the last part of a path


@dataclass(frozen=True)
class Order:
    """What is built. `pythons`: whose wheels are carried; `key`: None leaves it unsigned; `cache`: for wheels."""

    source: Source
    released: date
    key: Ed25519PrivateKey | None
    postgres: bool
    pythons: Sequence[str]
    cache: Path


def checked_version(history_of: Sequence[history.Declared]) -> Version:
    """The number in provodnik/__init__.py. Raises Unfit for one that is not of R2 or cannot be the next."""
    try:
        version = read_version(__version__)
    except NotAVersion:
        raise Unfit(f"«{__version__}» — не номер выпуска: бывают X.Y и X.Y.Z (регламент, § 2).") from None
    why = history.fits_after(version, history_of)
    if why:
        raise Unfit(why)
    return version


def checked_schema(version: Version, history_of: Sequence[history.Declared]) -> dict[str, str]:
    """Part → last migration. Raises Unfit when a fix changes what the release before it cannot live with, or when any
    release's migrations were rewritten."""
    loader = schema.loaded()
    now = schema.migrations_of(loader)
    released = [one for one in history_of if one.number < version]
    wrong = [f"{name} (выпуск {one.version})" for one in released for name in schema.rewritten(one.migrations, now)]
    if wrong:
        raise Unfit("Переписаны или удалены миграции выпущенного:\n  " + "\n  ".join(wrong[:10]))
    previous = history.before(version, history_of)
    if version.is_fix and previous is not None:
        found = schema.not_additive(loader, previous.migrations)
        if found:
            raise Unfit(
                f"С изменениями базы из {version} не смог бы работать {previous.version}; исправлению это нельзя:\n  "
                + "\n  ".join(found)
            )
    return schema.last_of(loader)


def assembled(order: Order) -> tuple[About, dict[str, Member]]:
    """The files of the distributive by their paths, and what release.json says. Raises Unfit."""
    known = history.read_history()
    version = checked_version(known)
    last = checked_schema(version, known)
    lock = read_lock(order.source.root / "requirements/app.txt")
    lock = [one for one in lock if order.postgres or one.name != POSTGRES]
    lock = [one for one in lock if any(one.wanted(python) for python in order.pythons)]
    installer = read_lock(order.source.root / "requirements/pip.txt")
    carried = {path.name: path for python in order.pythons for path in fetch([*lock, *installer], python, order.cache)}
    wheel = ours.wheel(order.source)
    members = {f"wheels/{short(name)}": Member(path.read_bytes()) for name, path in carried.items()}
    members[f"wheels/{ours.NAME}"] = Member(wheel)
    members["requirements.txt"] = Member(requirements(lock, wheel).encode())
    members["sbom.cdx.json"] = Member(
        sbom(
            __version__,
            order.source.commit,
            order.source.mtime,
            list(carried.values()),
            order.source.root / "package-lock.json",
        )
    )
    members |= documents(order.source) | manuals(order.released) | members_of(FILES / "parcel")
    if order.key is not None:
        pem = order.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        members["release.pub"] = Member(pem)
    about = About(
        version=__version__,
        released=order.released.isoformat(),
        commit=order.source.commit,
        upgrades_from=str(history.oldest_supported(version, order.released, known)),
        schema=last,
        python=tuple(order.pythons),
        platform=PLATFORM,
        postgres=order.postgres,
    )
    return about, with_sums(members)


def short(name: str) -> str:
    """A wheel's name that a tar of ustar can hold: of several platforms (PEP 600) the newest says enough for pip."""
    if len(name) <= LONGEST_NAME:
        return name
    head, _dash, platforms = name.removesuffix(".whl").rpartition("-")
    return f"{head}-{platforms.rpartition('.')[2]}.whl"


def requirements(lock: Sequence[Locked], wheel: bytes) -> str:
    """What install.sh gives to pip: every package with its sums, our own among them."""
    return requirement_lines([*lock, Locked("provodnik", __version__, "", [digest(wheel)])])


def documents(source: Source) -> dict[str, Member]:
    """docs/ as it stands in the commit, the changes and the licence."""
    found = [path for path in source.tracked if path.startswith("docs/")]
    members = {path: Member((source.root / path).read_bytes()) for path in found}
    members |= {path: Member((source.root / path).read_bytes()) for path in ("CHANGELOG.md", "LICENSE")}
    return members

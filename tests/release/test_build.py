"""A distributive is the same bytes each time, holds what it must, and is taken by its reader. Wheels are stubs here;
the real ones are built twice and installed by `make release-check`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from packaging.utils import parse_wheel_filename

import provodnik
from provodnik.lifecycle.parcel import open_parcel
from release import assemble, build, deb, ours, pack
from release.check import Different, compare
from release.keys import load_key, make_key
from release.lock import Locked
from release.source import ROOT, Source, Unfit, git

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
MTIME = 1_795_000_000
LONG = "charset_normalizer-3.5.2-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl"


@pytest.fixture(scope="module")
def source() -> Source:
    """This tree as if it were a commit."""
    return Source(ROOT, "0" * 40, MTIME, git(ROOT, "ls-files", "-z").rstrip("\0").split("\0"))


def stub_wheel(name: str, version: str, **files: str) -> bytes:
    """A wheel of a package with these files."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    told = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nClassifier: License :: OSI Approved :: MIT License\n"
    )
    members = {path: pack.Member(text.encode()) for path, text in files.items()}
    members[f"{info}/METADATA"] = pack.Member(told.encode())
    members[f"{info}/WHEEL"] = pack.Member(ours.WHEEL)
    members[f"{info}/RECORD"] = pack.Member(ours.record(members, f"{info}/RECORD").encode())
    return ours.zipped(members)


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(lock: Sequence[Locked], _python: str, _cache: Path) -> list[Path]:
        found = []
        for one in lock:
            path = tmp_path / f"{one.name.replace('-', '_')}-{one.version}-py3-none-any.whl"
            path.write_bytes(stub_wheel(one.name, one.version))
            found.append(path)
        return found

    monkeypatch.setattr(assemble, "fetch", fetch)
    # Real papers take seconds; they are made twice by `make release-check`.
    monkeypatch.setattr(assemble, "manuals", lambda day: {"docs/manuals/admin.pdf": pack.Member(str(day).encode())})


@pytest.mark.usefixtures("stubs")
def test_two_builds_are_the_same_and_whole(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = assemble.Order(source, date(2026, 12, 20), KEY, False, ("3.11",), tmp_path)
    about, members = assemble.assembled(order)
    whole = pack.parcel(about, members, key=KEY, mtime=MTIME)
    package = deb.package("1.1", ("3.11",), whole, b"changes", b"licence", MTIME)

    monkeypatch.setenv("TZ", "Asia/Kamchatka")
    umask = os.umask(0o077)
    try:
        turned = Source(ROOT, source.commit, MTIME, list(reversed(source.tracked)))
        other = assemble.assembled(assemble.Order(turned, date(2026, 12, 20), KEY, False, ("3.11",), tmp_path))
        assert pack.parcel(*other, key=KEY, mtime=MTIME) == whole
        assert deb.package("1.1", ("3.11",), whole, b"changes", b"licence", MTIME) == package
    finally:
        os.umask(umask)

    file = tmp_path / "provodnik.tar.gz"
    file.write_bytes(whole)
    parcel = open_parcel(file, [KEY.public_key()])
    parcel.extract(tmp_path / "out")
    assert parcel.manifest.schema["desk"] >= "0014" and str(parcel.manifest.upgrades_from) == "1.0"
    names = set(parcel.manifest.files)
    assert {"install.sh", "requirements.txt", "sbom.cdx.json", "release.pub", "LICENSE", "docs/settings.md"} <= names
    assert not any("celerp" in name for name in names)
    sums = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True)
    assert sums.returncode == 0
    judge_sbom(json.loads((tmp_path / "out/sbom.cdx.json").read_text()), names)
    if shutil.which("dpkg-deb"):
        (tmp_path / "p.deb").write_bytes(package)
        subprocess.run(["dpkg-deb", "--extract", tmp_path / "p.deb", tmp_path / "deb"], check=True)
        assert (tmp_path / "deb/usr/share/provodnik/provodnik-1.1.tar.gz").read_bytes() == whole
        told = subprocess.run(["dpkg-deb", "--field", tmp_path / "p.deb"], check=True, capture_output=True, text=True)
        assert "Depends: python3 (>= 3.11), python3 (<< 3.12)" in told.stdout


def judge_sbom(document: dict[str, object], names: set[str]) -> None:
    """Each carried wheel but our own and each part of the assets is there, with a version, a licence and a sum."""
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    parts = document["components"]
    assert isinstance(parts, list)
    wheels = {str(parse_wheel_filename(name[7:])[0]) for name in names if name.startswith("wheels/")}
    told = {part["name"] for part in parts}
    assert wheels - told == {"provodnik"}
    assert told - wheels == {"daisyui", "htmx.org", "lucide-static", "tailwindcss"}
    assert all(part["version"] and part["licenses"] and part["hashes"] for part in parts)
    assert len({part["bom-ref"] for part in parts}) == len(parts)


def test_our_wheel_holds_what_runs_and_no_more(source: Source) -> None:
    files = set(ours.package_files(source))
    assert {
        "provodnik/__main__.py",
        "provodnik/ui/static/built/app.css",
        "provodnik/ui/templates/500.html",
    } <= files
    assert "provodnik/desk/locale/ru/LC_MESSAGES/django.mo" in files
    assert not [path for path in files if "/tests/" in path or path.endswith((".po", ".pyc"))]
    with pytest.raises(Unfit, match=r"django\.mo"):
        ours.package_files(Source(ROOT, "", 0, [*source.tracked, "provodnik/none/locale/ru/LC_MESSAGES/django.po"]))


def test_a_name_that_a_tar_cannot_hold_is_shortened() -> None:
    assert assemble.short(LONG) == "charset_normalizer-3.5.2-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert assemble.short("nh3-0.3-cp39-abi3-any.whl") == "nh3-0.3-cp39-abi3-any.whl"


@pytest.mark.parametrize("version", ["1.1.0", "1.1-rc1", "1.1a", "dev", "0.9", "1.0", "1.0.5"])
def test_no_other_number_is_built(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(assemble, "__version__", version)
    with pytest.raises(Unfit):
        assemble.checked_version(assemble.history.read_history())


def test_a_fix_with_other_tables_is_not_built() -> None:
    """1.0.1 of this tree would hold the tables of 1.1."""
    with pytest.raises(Unfit, match=r"не смог бы работать 1\.0"):
        assemble.checked_schema(assemble.read_version("1.0.1"), assemble.history.read_history())


def test_the_day_is_told_by_the_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = "## {} — {}\n\n### Перед обновлением\nНичего.\n"
    source = Source(tmp_path, "0" * 40, MTIME, [])
    version = provodnik.__version__
    for head, day, warned in (("20 декабря 2026 г.", date(2026, 12, 20), False), ("готовится", source.day, True)):
        (tmp_path / "CHANGELOG.md").write_text(notes.format(version, head))
        found, warnings = build.day_of(source)
        assert (str(found), bool(warnings)) == (str(day), warned)
    for text in (notes.format("0.1", "20 декабря 2026 г."), notes.format(version, "скоро")):
        (tmp_path / "CHANGELOG.md").write_text(text)
        with pytest.raises(Unfit):
            build.day_of(source)


def test_a_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "release.pem"
    public = make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"PUBLIC KEY" in public.read_bytes()
    load_key(path)
    for wrong in (lambda: make_key(path), lambda: load_key(public), lambda: load_key(tmp_path / "none")):
        with pytest.raises(Unfit):
            wrong()


def test_the_program_starts(tmp_path: Path) -> None:
    """In a process of its own, where nobody has set Django up before."""
    command = [sys.executable, "-m", "release", "key", tmp_path / "release.pem"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "не заменяют" in again.stderr and "Traceback" not in again.stderr


def test_different_builds_are_told(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"same")
    other.write_bytes(b"same")
    compare(one, other)
    other.write_bytes(b"some")
    with pytest.raises(Different, match="1"):
        compare(one, other)

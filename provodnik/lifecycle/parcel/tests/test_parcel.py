"""Distributives as they should be, and every way not to be one (safety F50, F56)."""

from __future__ import annotations

import gzip
import os
import random
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from provodnik.core.ustar import NotPlain, Reader, is_plain
from provodnik.core.versions import read_version
from provodnik.lifecycle.parcel import BadParcel, keys_in, open_parcel, read_key
from provodnik.lifecycle.parcel.tests import making
from provodnik.lifecycle.parcel.tests.making import info, odd
from release.pack import Member, gzipped, with_sums

KEYS = [making.KEY.public_key()]
BASE = "provodnik-1.1"
ADDED = f"{BASE}/added"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def whole() -> bytes:
    return making.good()


def refused(tmp_path: Path, content: bytes, **more: Any) -> str:
    """The reason, after it was seen that nothing was written."""
    file = tmp_path / "provodnik.tar.gz"
    file.write_bytes(content)
    with pytest.raises(BadParcel) as caught:
        open_parcel(file, more.pop("keys", KEYS), **more)
    assert names(tmp_path) == [file.name]
    return caught.value.reason


def test_a_good_one_is_put_into_a_new_folder(tmp_path: Path, whole: bytes) -> None:
    file, to = tmp_path / "p.tar.gz", tmp_path / "releases" / "1.1"
    file.write_bytes(whole)
    to.parent.mkdir()
    (to.parent / ".1.1.partial" / "left").mkdir(parents=True)  # by a process that was killed
    umask = os.umask(0o077)
    try:
        parcel = open_parcel(file, [making.STRANGER.public_key(), *KEYS], installed=read_version("1.0.3"))
        parcel.extract(to)
    finally:
        os.umask(umask)
    assert (str(parcel.manifest.version), parcel.manifest.schema) == ("1.1", {"desk": "0040_x"})
    found = {path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()}
    assert found == {*with_sums(making.FILES), "release.json", "release.json.sig"}
    assert all((to / path).read_bytes() == member.content for path, member in making.FILES.items())
    assert (to / "install.sh").stat().st_mode & 0o777 == 0o755
    assert (to / "docs" / "words.txt").stat().st_mode & 0o777 == 0o644
    assert (to / "docs").stat().st_mode & 0o777 == 0o755
    assert names(to.parent) == ["1.1"]
    with pytest.raises(BadParcel):
        parcel.extract(to)


def test_the_same_files_make_the_same_bytes(whole: bytes) -> None:
    turned = dict(reversed(making.FILES.items()))
    assert making.good(files=turned) == whole


def test_a_file_that_changes_between_the_readings_leaves_nothing(tmp_path: Path, whole: bytes) -> None:
    file = tmp_path / "p.tar.gz"
    file.write_bytes(whole)
    parcel = open_parcel(file, KEYS)
    for content in (making.good(replace(making.ABOUT, version="1.2")), whole[:-2000], b"", odd(info(ADDED))):
        file.write_bytes(content)
        with pytest.raises(BadParcel):
            parcel.extract(tmp_path / "1.1")
        assert names(tmp_path) == [file.name]


def test_cut_anywhere_it_is_refused(tmp_path: Path, whole: bytes) -> None:
    somewhere = random.Random(5).sample(range(len(whole)), 60)
    for length in {0, 1, 9, 10, 11, 100, *somewhere, *range(len(whole) - 12, len(whole))}:
        assert refused(tmp_path, whole[:length])


def test_one_flipped_bit_is_refused_or_changes_nothing(tmp_path: Path, whole: bytes) -> None:
    """The last byte of a deflate stream may hold up to seven bits that mean nothing: those alone do no harm."""
    content = gzip.decompress(whole)
    chance = random.Random(7)
    length = len(whole) * 8
    bits = [*range(80), *(chance.randrange(length) for _ in range(120)), *range(length - 64, length)]
    for bit in bits:
        spoilt = bytearray(whole)
        spoilt[bit // 8] ^= 1 << bit % 8
        if spoilt[:10] == whole[:10] and same(bytes(spoilt), content):
            continue
        assert refused(tmp_path, bytes(spoilt))


def same(packed: bytes, content: bytes) -> bool:
    try:
        return gzip.decompress(packed) == content
    except (OSError, EOFError, zlib.error):
        return False


def test_whose_it_is(tmp_path: Path, whole: bytes) -> None:
    words = {
        "signed by another": refused(tmp_path, making.good(key=making.STRANGER)),
        "not signed": refused(tmp_path, making.good(key=None)),
        "no key": refused(tmp_path, whole, keys=[]),
        "older": refused(tmp_path, whole, installed=read_version("1.1.1")),
        "product": refused(tmp_path, odd(listed=lambda value: value.update(product="other"))),
        "format": refused(tmp_path, odd(listed=lambda value: value.update(format=2))),
        "no archive": refused(tmp_path, b"words"),
        "another archive": refused(tmp_path, gzipped(b"words" * 1000)),
    }
    assert len(set(words.values())) == len(words)
    assert "1.1.1" in words["older"]


def test_keys_of_a_folder(tmp_path: Path) -> None:
    assert keys_in(tmp_path / "none") == []
    pem = making.KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "a.pub").write_bytes(pem)
    (tmp_path / "b.txt").write_text("not asked")
    assert keys_in(tmp_path) == KEYS
    (tmp_path / "c.pub").write_text("no key")
    with pytest.raises(BadParcel, match=r"c\.pub"):
        keys_in(tmp_path)
    with pytest.raises(BadParcel):
        read_key(b"", "x")


def changed(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value.update(fields)


def file_named(name: str, **fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["files"].update({name: {"size": 0, "sha256": "0" * 64, **fields}})


def many_names(value: dict[str, Any]) -> None:
    value["files"].update({str(number): {"size": 0, "sha256": "0" * 64} for number in range(10**4)})


ODD = {
    "a file that is not listed": lambda: odd(info(ADDED)),
    "a folder that is not listed": lambda: odd(info(ADDED, type=tarfile.DIRTYPE)),
    "up and out": lambda: odd(info(f"{BASE}/../../etc/cron.d/x")),
    "absolute": lambda: odd(info("/etc/cron.d/x")),
    "backslash": lambda: odd(info(f"{BASE}\\..\\x")),
    "a drive": lambda: odd(info("C:/x")),
    "a line end in a name": lambda: odd(info(f"{BASE}/x\ny")),
    "beside the folder": lambda: odd(info("other/x")),
    "a symlink": lambda: odd(info(ADDED, type=tarfile.SYMTYPE, linkname="/etc")),
    "a hard link": lambda: odd(info(ADDED, type=tarfile.LNKTYPE, linkname=f"{BASE}/install.sh")),
    "a device": lambda: odd(info(ADDED, type=tarfile.CHRTYPE, devmajor=1, devminor=3)),
    "a block device": lambda: odd(info(ADDED, type=tarfile.BLKTYPE)),
    "a pipe": lambda: odd(info(ADDED, type=tarfile.FIFOTYPE)),
    "a sparse file": lambda: odd(info(ADDED, type=tarfile.GNUTYPE_SPARSE)),
    "a pax record": lambda: odd(info(f"{BASE}/{'ж' * 60}"), format=tarfile.PAX_FORMAT),
    "a long name of GNU": lambda: odd(info("x" * 300), format=tarfile.GNU_FORMAT),
    "the same file twice": lambda: odd(info(f"{BASE}/install.sh", b"#!/bin/sh\n", mode=0o755)),
    "something before the list": lambda: odd(head=(info(ADDED),)),
    "another content": lambda: odd(replaced={"docs/words.txt": "снова".encode()}),
    "a longer content": lambda: odd(replaced={"docs/words.txt": b"x" * 1000}),
    "a file that lacks": lambda: odd(listed=file_named("wheels/two.whl")),
    "a list that leads out": lambda: odd(listed=file_named("../x")),
    "a list with twins": lambda: odd(listed=file_named("INSTALL.SH")),
    "a list that names itself": lambda: odd(listed=file_named("release.json")),
    "a list of sizes below zero": lambda: odd(listed=file_named("x", size=-1)),
    "a list of sizes in words": lambda: odd(listed=file_named("x", size="1")),
    "a list of too much": lambda: odd(listed=file_named("x", size=2**40)),
    "a list of 10^4 names": lambda: odd(listed=many_names),
    "a version that is none": lambda: odd(listed=changed(version="1.1-rc1")),
    "another version": lambda: odd(listed=changed(version="1.2")),
    "a day that is none": lambda: odd(listed=changed(released="31.12.2026")),
    "a field too many": lambda: odd(listed=changed(run="rm")),
    "a list that is a list": lambda: odd(listed=changed(files=[])),
    "an executable file that is none": lambda: odd(listed=lambda value: value["files"]["install.sh"].pop("executable")),
    "something behind the end": lambda: making.good() + b"x",
    "a second archive behind it": lambda: making.good() + making.good(),
    "a bomb instead of the list": lambda: gzipped(bytes(64 * 2**20)),
    "a list of five megabytes": lambda: odd(listed=changed(commit="0" * 5 * 2**20)),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_odd_ones_are_refused_whole(tmp_path: Path, kind: str) -> None:
    assert refused(tmp_path, ODD[kind]())


def test_a_million_entries_are_not_walked() -> None:
    walked = 0
    header = making.gzip_free_header("x")

    def read(size: int) -> bytes:
        nonlocal walked
        walked += 1
        return header[:size]

    with pytest.raises(NotPlain):
        list(Reader(read, most=1000))
    assert walked <= 2002  # a block and its padding of nothing


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.booleans())
def test_bytes_of_any_kind(tmp_path_factory: pytest.TempPathFactory, content: bytes, packed: bool) -> None:
    file = tmp_path_factory.getbasetemp() / "any.tar.gz"
    file.write_bytes(gzipped(content) if packed else content)
    with pytest.raises(BadParcel):
        open_parcel(file, KEYS)


def test_no_file_and_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", "pipe", "."):
        with pytest.raises(BadParcel):
            open_parcel(tmp_path / name, KEYS)


@given(st.text("./\\a\x00é:", max_size=12))
def test_a_plain_path_stays_inside(path: str) -> None:
    if is_plain(path):
        inside = os.path.normpath(f"/to/{path}")
        assert inside == f"/to/{path}"


def test_the_maker_writes_only_what_the_reader_takes() -> None:
    with pytest.raises(ValueError, match="name is too long"):
        making.good(files={"x" * 300: Member(b"")})

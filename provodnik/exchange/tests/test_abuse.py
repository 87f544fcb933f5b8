"""What a hostile or broken sender may put into the folder (safety A61, A62, A67, A70): refused whole, nothing taken."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest

from provodnik.desk.tests.factories import NOW
from provodnik.exchange import contract, manifest, reading
from provodnik.exchange.actions import receiving
from provodnik.exchange.models import Batch, Thing
from provodnik.exchange.tests.factories import Sender, crowd, told
from provodnik.people.models import Person

pytestmark = pytest.mark.django_db
GOOD = json.dumps(told("position", 1, name="Слесарь"), ensure_ascii=False).encode() + b"\n"
LATE = NOW + timedelta(days=3650)  # the folder's files are as old as this machine's clock says

# content of a signed file of objects → which line is told (0: none is)
UNREADABLE: dict[str, tuple[bytes, int]] = {
    "no json": (GOOD + b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>\n", 2),
    "truncated": (GOOD + GOOD[:-20], 2),
    "bom": (b"\xef\xbb\xbf" + GOOD, 1),
    "cp1251": (GOOD.decode().encode("cp1251"), 1),
    "utf-16": (GOOD.decode().encode("utf-16"), 1),
    "twice": (GOOD.replace(b'"version": 1', b'"version": 1, "version": 2'), 1),
    "nan": (GOOD.replace(b'"version": 1', b'"version": NaN'), 1),
    "infinity": (GOOD.replace(b'"version": 1', b'"version": 1e400'), 1),
    "fraction": (GOOD.replace(b'"version": 1', b'"version": 1.5'), 1),
    "digits": (GOOD.replace(b'"version": 1', b'"version": ' + b"9" * 5000), 1),
    "true": (GOOD.replace(b'"version": 1', b'"version": true'), 1),
    "negative": (GOOD.replace(b'"version": 1', b'"version": -1'), 1),
    "future": (GOOD.replace(b'"version": 1', b'"version": 9007199254740991'), 1),
    "deep": (b"[" * 100_000 + b"]" * 100_000 + b"\n", 1),
    "nested": (b'{"a":' * 10 + b"1" + b"}" * 10 + b"\n", 1),
    "long": (b'{"a": "' + b"a" * (contract.LONGEST_OBJECT + 1) + b'"}\n', 1),
    "surrogate": (GOOD.replace("Слесарь".encode(), b"\\ud800"), 1),
    "nul": (GOOD.replace("Слесарь".encode(), b"\\u0000"), 1),
    "a list": (b"[]\n", 1),
    "no type": (b"{}\n", 1),
    "strange type": (GOOD.replace(b"position", b"salary"), 1),
    "empty reference": (b'{"type": "person", "guid": "00000000-0000-0000-0000-000000000000", "version": 1}\n', 1),
    "no reference": (b'{"type": "person", "guid": 5, "version": 1}\n', 1),
}


def test_a_file_without_one_meaning_is_refused_whole(sender: Sender) -> None:
    sender.send(crowd(1))
    before = list(Thing.objects.order_by("pk").values())
    for name, (content, line) in UNREADABLE.items():
        batch = sender.send(content, count=len(content.splitlines()))
        assert (batch.state, batch.finished_at is not None) == ("refused", True), name
        assert "a.jsonl" in batch.words and f" {line}:" in batch.words, (name, batch.words)
    # half a file under a manifest that counts the whole, or twice a file
    for content, count in ((GOOD, 2), (GOOD + GOOD, 1)):
        assert sender.send(content, count=count).state == "refused"
    assert list(Thing.objects.order_by("pk").values()) == before


WRONG: dict[str, Any] = {
    "another base": {"base": "other"},
    "another contract": {"contract": 2},
    "no batch": {"batch": "1"},
    "no zone": {"made_at": "2026-02-02T03:00:00"},
    "year 1": {"made_at": "0001-01-01T00:00:00+00:00"},
    "more": {"more": 1},
    "full": {"full": 1},
    "files": {"files": {}},
    "a way out": {"files": [{"name": "../../etc/passwd", "size": 1, "sha256": "0" * 64, "objects": 1}]},
    "a folder": {"files": [{"name": "a/b.jsonl", "size": 1, "sha256": "0" * 64, "objects": 1}]},
    "no pdf": {"files": [{"name": "a.exe", "size": 1, "sha256": "0" * 64}]},
    "large": {"files": [{"name": "a.pdf", "size": manifest.LARGEST_PDF + 1, "sha256": "0" * 64}]},
    "twice": {
        "files": [{"name": name, "size": 0, "sha256": "0" * 64, "objects": 0} for name in ("a.jsonl", "A.jsonl")]
    },
    "missing": {"files": [{"name": "gone.jsonl", "size": 1, "sha256": "0" * 64, "objects": 1}]},
}


def test_a_manifest_that_is_not_right_takes_nothing(sender: Sender) -> None:
    for name, change in WRONG.items():
        sender.write([], name="m", **change)
        (batch,) = receiving.look(sender.base, at=LATE)
        assert batch.state == "refused" and batch.words, name
        assert not (sender.folder / "m.manifest.sig").exists(), name
        assert receiving.look(sender.base, at=LATE) == []
    # another key, a short signature, a manifest changed after it was signed
    sender.write(crowd(1), name="s")
    content = (sender.folder / "s.manifest.json").read_bytes()
    signatures = [manifest.signature(content, "00" * 32), "", "0", manifest.signature(content + b" ", sender.key)]
    for signed in signatures:
        (sender.folder / "s.manifest.sig").write_text(signed)
        (batch,) = receiving.look(sender.base, at=LATE)
        assert batch.state == "refused", signed
    # a file that is not the signed one; over a symbolic link
    sender.write(crowd(1), name="f")
    data = sender.folder / "f.jsonl"
    data.write_bytes(data.read_bytes().replace(b"2020", b"2021"))
    assert receiving.look(sender.base, at=NOW) == []  # it may still be written
    (batch,) = receiving.look(sender.base, at=LATE)
    assert batch.state == "refused"
    sender.write(crowd(1), name="l")
    target = sender.folder.parent / "outside.jsonl"
    (sender.folder / "l.jsonl").rename(target)
    (sender.folder / "l.jsonl").symlink_to(target)
    assert receiving.look(sender.base, at=LATE) == [] and target.exists()
    assert not Person.objects.exists() and not Batch.objects.exclude(state="refused").exists()


def test_a_batch_is_known_by_its_name_and_an_old_one_changes_nothing(sender: Sender) -> None:
    key = str(uuid.uuid4())
    assert sender.send(crowd(1), key=key).state == "done"
    # a replay of the very same files: taken out of the folder, nothing else
    sender.write(crowd(1), key=key)
    assert receiving.look(sender.base, at=LATE) == [] and not list(sender.folder.iterdir())
    # another content under the same name
    sender.write(crowd(2), key=key)
    (batch,) = receiving.look(sender.base, at=LATE)
    assert batch.state == "refused" and Person.objects.count() == 1


def test_a_value_is_read_in_one_way() -> None:
    assert reading.value_of(b'{"a": [1, "\xd0\xb9", null, true]}') == {"a": [1, "й", None, True]}

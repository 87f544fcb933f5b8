"""The support bundle tells of the installation and of nobody in it: one word is put into every column of every table
that takes it, into lines of the log, into settings, and looked for in every file (safety A71, invariant I12)."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from provodnik.core import jobs
from provodnik.core.upkeep import sweep
from provodnik.lifecycle.bundle import collect, packing
from provodnik.lifecycle.bundle.own_words import OwnWords
from tests.world import World

pytestmark = pytest.mark.django_db
CANARY = "zqcanary"
PEOPLE = ["Канарейкин", f"{CANARY}@chv.example", "+7 912 345-67-89", "112-233-445 95"]
JOURNAL = f"""2026-11-23T18:00:00 provodnik[1]: WARNING sign-in from 10.0.0.17 failed
2026-11-23T18:00:01 provodnik[1]: ERROR Key (email)=({PEOPLE[1]}) already exists
2026-11-23T18:00:02 provodnik[1]: ERROR no such person: {PEOPLE[0]} Иван, {PEOPLE[2]}, СНИЛС {PEOPLE[3]}
2026-11-23T18:00:03 provodnik[1]: ERROR GET https://portal.example/reset/{CANARY}/?name={CANARY}
2026-11-23T18:00:04 provodnik[1]: ERROR statement: UPDATE x SET name = '{CANARY}'
"""


def planted() -> int:
    """Write the word wherever a row takes it; how many columns did."""
    done = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, coalesce(character_maximum_length, 200)"
            " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND data_type IN ('text', 'character varying', 'jsonb')"
            " AND table_name !~ '^(django_|procrastinate_(workers|events|periodic)|auth_)'"
            " AND column_name NOT IN ('task_name', 'queue_name')"
        )
        for table, column, kind, longest in cursor.fetchall():
            value = (
                f"""'{{"{CANARY}": "{CANARY}"}}'::jsonb"""
                if kind == "jsonb"
                else f"left('{CANARY} Канарейкин', {longest})"
            )
            try:
                with transaction.atomic():
                    cursor.execute(f'UPDATE "{table}" SET "{column}" = {value}')
                    done += bool(cursor.rowcount)
            except DatabaseError:
                continue
    return done


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, JOURNAL, "")

    monkeypatch.setattr(collect.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(collect.subprocess, "run", told)


def test_nothing_of_anybody_is_in_the_bundle(world: World, journal: None, settings: Any, tmp_path: Path) -> None:
    settings.METRICS_TOKEN = "synthetic-token-of-thirty-two-letters"
    settings.UNKNOWN_VARIABLES = [f"PROVODNIK_{CANARY}"]
    settings.BASE_URL = f"https://{CANARY}.example"
    own_log = Path(settings.BASE_DIR) / "postgres" / "postgres.log"
    own_log.parent.mkdir(exist_ok=True)
    own_log.write_text(
        f'ERROR:  invalid input syntax for type integer: "{CANARY}"\nFATAL: role "{CANARY}" {PEOPLE[0]}\n'
    )
    jobs.defer(sweep, timestamp=0)
    assert planted() > 150
    path, out = tmp_path / "b.zip", io.StringIO()
    try:
        call_command("support_bundle", "--yes", "--to", str(path), stdout=out)
    finally:
        own_log.unlink()
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    for name, content in files.items():
        assert name in out.getvalue()
        for word in (CANARY, *PEOPLE, settings.METRICS_TOKEN, settings.SECRET_KEY, "10.0.0.17 Иван"):
            assert word not in content, (name, word, content[max(0, content.find(word) - 200) :][:400])
        assert "not made" not in content or name == "statements.json", (name, content)
    assert "sign-in from 10.0.0.17 failed" in files["log.txt"]
    assert "provodnik_requests_open" in files["metrics.txt"]
    assert {"core.sweep"} <= {row["task_name"] for row in json.loads(files["jobs.json"])}
    found = json.loads(files["doctor.json"])
    assert {"database", "jobs"} <= {row["check"] for row in found}
    assert sum(row["text"] == "…" for row in found) < len(found) / 2  # what doctor says is still there to be read
    told = json.loads(files["settings.json"])
    assert told["PROVODNIK_WEB_THREADS"] == str(django_settings.WEB_THREADS)
    assert told["PROVODNIK_DATA_DIR"] == collect.MASKED and told["address"] == "https"
    assert {row["relname"] for row in json.loads(files["database.json"])["tables"]} >= {"desk_ticket", "accounts_user"}
    assert json.loads(files["versions.json"])["libraries"]["Django"]


def test_nothing_is_written_before_somebody_agrees(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    with pytest.raises(CommandError):  # no terminal, no --yes
        call_command("support_bundle", "--to", str(path), stdout=io.StringIO())
    answers = iter(["versions.json", "what?", "нет"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    out = io.StringIO()
    call_command("support_bundle", "--to", str(path), stdout=out)
    assert '"libraries"' in out.getvalue()
    assert not path.exists()
    path.write_text("somebody's")
    with pytest.raises(CommandError):
        call_command("support_bundle", "--yes", "--to", str(path), stdout=io.StringIO())
    assert path.read_text() == "somebody's"


def test_what_cannot_be_made_says_why_and_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(asked: collect.Asked) -> str:
        raise ValueError(CANARY)

    monkeypatch.setattr(collect, "metrics", broken)
    made = list(collect.items(collect.Asked(timezone.now(), {}, list)))
    content = next(item.content for item in made if item.name == "metrics.txt")
    assert "ValueError" in content and CANARY not in content
    assert len(made) == 9


def test_a_broken_database_keeps_no_bundle(tmp_path: Path, journal: None, django_assert_num_queries: Any) -> None:
    path = tmp_path / "b.zip"
    with django_assert_num_queries(0):
        call_command("support_bundle", "--yes", "--no-database", "--to", str(path), stdout=io.StringIO())
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == {"versions.json", "machine.json", "settings.json", "log.txt"}


def test_a_secret_that_slipped_in_is_masked() -> None:
    item = collect.Item("x", "", "a synthetic-secret b")
    assert packing.without([item], ["synthetic-secret", "", "a"])[0].content == f"a {collect.MASKED} b"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Всё хорошо.", "Всё хорошо."),
        ("Писем ждёт: 17, из них от Иванова 2.", "Писем ждёт: 17, из них от … 2."),
        ("Каталог «Иванов» не отвечает: Петров", "Каталог «…» не отвечает: …"),
        ("Иванов не пришёл", "…"),
        ("Писем ждёт: 3.11.7, из них от 10.0.0.17 2.", "Писем ждёт: 3.11.7, из них от … 2."),
        ("a@b.example: Петров", "…"),
    ],
)
def test_only_words_of_the_catalogue_leave(text: str, left: str) -> None:
    own = OwnWords(
        [
            "Всё хорошо.",
            "Писем ждёт: %(count)d, из них от %(name)s %(more)s.",
            "Каталог «%(name)s» не отвечает: %(why)s",
            "%(a)s: %(b)s",
        ]
    )
    assert own.of(text) == left

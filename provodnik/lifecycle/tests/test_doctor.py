"""Doctor: what it looks at can be wrong, and then it says so and exits with 1."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from provodnik.core import jobs
from provodnik.core.parts import Part
from provodnik.core.upkeep import sweep
from provodnik.desk.models import Ticket
from provodnik.desk.tests.factories import NOW, make_ticket
from provodnik.lifecycle import doctor, health, program, wholeness
from tests.servers.ports import free_port

pytestmark = pytest.mark.django_db


def told(*options: str) -> tuple[str, int]:
    """What doctor prints, and its exit status."""
    out = StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def levels(check) -> list[str]:
    return [finding.level for finding in check()]


def test_a_sound_installation_passes_strictly():
    make_ticket()
    text, status = told("--strict")
    assert status == 0, text
    assert "✗" not in text


def test_a_broken_invariant_is_told_only_strictly_and_mended_when_asked():
    ticket = make_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(due_at=NOW, queue_at=NOW)
    assert told()[1] == 0
    text, status = told("--strict")
    assert status == 1
    assert f"№ {ticket.pk}" in text.replace("\xa0", " ")
    text, status = told("--strict", "--mend")
    assert status == 0, text
    ticket.refresh_from_db()
    assert ticket.due_at == NOW + timedelta(hours=24)


def test_a_check_that_breaks_is_a_problem_and_the_others_go_on(monkeypatch):
    def gone():
        raise OperationalError("connection refused")

    monkeypatch.setattr(doctor, "parts", lambda: (Part(name="x", checks=[("gone", gone)]),))
    text, status = told()
    assert status == 1
    assert "✗ x: gone: OperationalError" in text


def test_people_read_what_is_checked_in_their_own_words():
    named = [doctor.title(name) for name, _check in doctor.checks(strict=True)]
    assert [name for name in named if name.isascii() or not name[0].isupper()] == []


def test_a_database_that_is_away_is_told_to_a_program_as_everything_is(tmp_path, capsys):
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    plan = program.Plan(tmp_path, url, "http://portal.example.ru", "127.0.0.1", 1, 1, 1, 1)
    assert program.examine(plan, ["--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["problems"], told["findings"][0]["check"]) == (1, "database")


def test_a_misspelt_variable_is_named(settings):
    settings.UNKNOWN_VARIABLES = ["PROVODNIK_PROT"]
    assert "PROVODNIK_PROT" in told()[0]


def test_a_program_reads_the_same_as_a_person(settings):
    settings.UNKNOWN_VARIABLES = ["PROVODNIK_PROT"]
    text, status = told("--json")
    found = json.loads(text)
    assert (found["problems"], status) == (0, 0)
    assert {"variables", "versions", "database", "disk"} <= {one["check"] for one in found["findings"]}
    assert any(one["level"] == "warning" and "PROVODNIK_PROT" in one["text"] for one in found["findings"])


@pytest.mark.parametrize(
    ("free", "size", "level"),
    [(100, 200, "ok"), (4, 10, "warning"), (10, 200, "warning"), (0.5, 10, "error"), (0.5, 200, "error")],
)
def test_a_disk_that_fills_up(monkeypatch, free, size, level):
    monkeypatch.setattr(health, "space", lambda folder: (int(free * health.GIB), size * health.GIB))
    assert set(levels(health.disk)) == {level}


@pytest.mark.parametrize(("told_by", "level"), [("no", ["warning"]), ("yes", ["ok"]), ("", [])])
def test_a_clock_that_nobody_keeps(monkeypatch, told_by, level):
    monkeypatch.setattr(health, "Path", lambda name: Path("/"))
    monkeypatch.setattr(health.shutil, "which", lambda name: "/usr/bin/timedatectl")
    done = subprocess.CompletedProcess([], 0, f"{told_by}\n", "")
    monkeypatch.setattr(health.subprocess, "run", lambda *_a, **_k: done)
    assert levels(health.clock) == level


def test_indexes_are_walked_where_the_extension_is():
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION IF EXISTS amcheck")
        assert levels(wholeness.indexes) == ["ok"]
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'")
        if cursor.fetchone() is None:
            return
        cursor.execute("CREATE EXTENSION amcheck")
        (walked,) = wholeness.indexes()
        assert walked.level == "ok" and any(figure.isdigit() for figure in walked.text)
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'accounts_user_pkey'::regclass")
        assert levels(wholeness.indexes) == ["error", "ok"]


class TestConfiguration:
    def test_plain_http_and_debug_are_said(self, settings):
        settings.DEBUG, settings.BASE_URL = True, "http://portal.example"
        texts = [finding.text for finding in health.configuration()]
        assert any("PROVODNIK_DEBUG" in text for text in texts)
        assert any("HTTPS" in text for text in texts)

    def test_what_django_finds_is_passed_on(self, settings):
        settings.BASE_URL = "https://portal.example"
        assert levels(health.configuration) == []
        settings.X_FRAME_OPTIONS = "SAMEORIGIN"
        settings.SECURE_CONTENT_TYPE_NOSNIFF = False
        assert any("W006" in finding.text for finding in health.configuration())


class TestDatabase:
    def test_a_migration_that_waits(self):
        assert "error" not in levels(health.database)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'desk' AND name > '0002'")
        assert "error" in levels(health.database)

    def test_a_newer_version_was_here(self):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('desk', '9999_later', now())")
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('demo', '0001_x', now())")
        found = [finding.text for finding in health.database() if finding.level == "error"]
        assert len(found) == 1 and "desk.9999_later" in found[0] and "demo" not in found[0]

    def test_a_version_that_is_too_old(self, monkeypatch):
        monkeypatch.setattr(health, "OLDEST_SUPPORTED", 990000)
        assert levels(health.database)[0] == "error"

    def test_commits_that_do_not_wait_for_the_disk(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        assert "warning" in levels(health.database)

    def test_clocks_that_differ(self, monkeypatch):
        real = timezone.now
        monkeypatch.setattr(health.timezone, "now", lambda: real() + timedelta(minutes=5))
        assert any("300" in finding.text for finding in health.database() if finding.level == "warning")


class TestJobs:
    def put(self, status: str, minutes: int) -> None:
        """A job as it lies there, asked for so long ago."""
        jobs.defer(sweep, timestamp=0)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = %s", [status])
            cursor.execute("UPDATE procrastinate_events SET at = now() - make_interval(mins => %s)", [minutes])

    def test_waiting_a_little_is_no_problem(self):
        self.put("todo", 1)
        assert levels(health.work) == ["ok"]

    def test_nobody_takes_them(self):
        self.put("todo", 10)
        assert levels(health.work) == ["ok", "error"]

    def test_one_that_is_for_later_does_not_wait(self):
        self.put("todo", 10)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
        assert levels(health.work) == ["ok"]

    def test_failed_ones(self):
        self.put("failed", 10)
        assert levels(health.work) == ["warning"]

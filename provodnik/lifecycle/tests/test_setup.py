"""Setup: what it asks, what it makes of it, and that a second run harms nothing (safety A78)."""

from __future__ import annotations

import json
import os
import pwd
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from provodnik.accounts.models import User
from provodnik.config.env import mistakes_of
from provodnik.lifecycle.home import Account
from provodnik.lifecycle.management.commands import first_steps
from provodnik.lifecycle.setup import asking, checks, envfile, run
from provodnik.lifecycle.setup import questions as asked

PASSWORD = "synthetic-password"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The program itself is not started: what it would have been told."""
    told: list[dict[str, str]] = []

    def started(env_file, settings, person, account, environ):
        told.append(dict(person))
        return 0

    monkeypatch.setattr(run, "first_steps", started)
    monkeypatch.setattr(run, "account_of", lambda name: None)
    return told


class Person:
    """Answers typed one after another; what was shown to him."""

    def __init__(self, *lines: str, present: bool = True) -> None:
        self.lines, self.shown = list(lines), ""
        self.terminal = asking.Terminal(self.say, self.line, self.line, lambda: present)

    def say(self, words: str) -> None:
        self.shown += f"{words}\n"

    def line(self, prompt: str) -> str:
        self.shown += f"{prompt}\n"
        return self.lines.pop(0)

    def setup(self, *arguments: str) -> int:
        return run.setup(list(arguments), mistakes_of, self.say, self.terminal, {})


def given(folder: Path, **more: str) -> list[str]:
    answers = {
        "PROVODNIK_DATA_DIR": str(folder / "data"),
        "ADMIN_NAME": "Анна Админ",
        "PROVODNIK_PORT": "28123",
        **more,
    }
    (folder / "answers").write_text("".join(f"{name}='{value}'\n" for name, value in answers.items()))
    return ["--env-file", str(folder / "p.env"), "--answers", str(folder / "answers"), "--yes"]


def test_answers_of_a_file_become_settings_that_only_their_owner_and_group_read(tmp_path: Path, steps: list) -> None:
    person = Person(present=False)
    assert person.setup(*given(tmp_path, PROVODNIK_BASE_URL="https://portal.example"), "ADMIN_LOGIN=Anna") == 0, (
        person.shown
    )
    file = tmp_path / "p.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert envfile.read(file.read_text()) == {
        "PROVODNIK_DATA_DIR": str(tmp_path / "data"),
        "PROVODNIK_PORT": "28123",
        "PROVODNIK_BASE_URL": "https://portal.example",
        "PROVODNIK_TIME_ZONE": "Europe/Moscow",
        "PROVODNIK_HOST": "127.0.0.1",
        "PROVODNIK_TRUSTED_PROXIES": "127.0.0.1,::1",
    }
    assert steps == [{"login": "anna", "name": "Анна Админ", "email": "", "password": ""}]
    assert (tmp_path / "data").is_dir()


def test_a_second_run_keeps_what_an_administrator_wrote(tmp_path: Path, steps: list) -> None:
    assert Person().setup(*given(tmp_path)) == 0
    file = tmp_path / "p.env"
    file.write_text(file.read_text() + "# our own note\nPROVODNIK_MAIL_POLL=60\nOTHER=1\n")
    before = file.read_text()
    person = Person(present=False)
    assert person.setup("--env-file", str(file), "--yes") == 0, person.shown  # who the administrator is was said
    assert file.read_text() == before
    assert Person().setup("--env-file", str(file), "--yes", "ADMIN_NAME=x", "BEHIND_NGINX=yes") == 0
    after = envfile.read(file.read_text())
    assert after["PROVODNIK_HOST"] == "127.0.0.1"
    assert after["PROVODNIK_TRUSTED_PROXIES"] == "127.0.0.1,::1"
    assert after["PROVODNIK_MAIL_POLL"] == "60"
    assert "# our own note" in file.read_text()


def test_a_person_is_asked_told_and_may_still_say_no(tmp_path: Path, steps: list) -> None:
    lines = [
        "portal.example", "http://portal.example:28124",  # the first is no address
        "maybe", "нет", "",  # nginx, port
        str(tmp_path / "data"), "", "Moscow", "Asia/Omsk",
        "Первый!", "first", "", "Ф И", "не почта", "f@chv.example",
        PASSWORD, "another", PASSWORD, PASSWORD,
        "нет",
    ]  # fmt: skip
    person = Person(*lines)
    assert person.setup("--env-file", str(tmp_path / "p.env")) == 0, person.shown
    assert person.lines == []
    assert "✗" in person.shown and "PROVODNIK_PORT=28124" in person.shown and "PROVODNIK_HOST=0.0.0.0" in person.shown
    assert PASSWORD not in person.shown
    assert list(tmp_path.iterdir()) == [] and steps == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--yes", "ADMIN_NAME=x", "PROVODNIK_TIME_ZONE=Moscow"], "PROVODNIK_TIME_ZONE"),
        (["--yes", "ADMIN_NAME=x", "PROVODNIK_PROT=80"], "PROVODNIK_PROT"),
        (["--yes", "ADMIN_NAME=x", "SECRET=1"], "SECRET"),
        (["--yes", "ADMIN_NAME=x", "PROVODNIK_DATABASE_URL=mysql://x"], "PROVODNIK_DATABASE_URL"),
        (["--yes"], "ADMIN_NAME"),
        (["--yes", "ADMIN_NAME=x", "PROVODNIK_BASE_URL=http://x'y.example"], "PROVODNIK_BASE_URL"),
        (["--answers"], "--answers"),
        (["--quick"], "--quick"),
        ([], "--yes"),  # nobody is there to answer
    ],
)
def test_wrong_answers_are_told_and_nothing_is_done(arguments: list, word: str, tmp_path: Path, steps: list) -> None:
    person = Person(present=False)
    assert person.setup("--env-file", str(tmp_path / "p.env"), f"PROVODNIK_DATA_DIR={tmp_path}/d", *arguments) == 2
    assert word in person.shown
    assert list(tmp_path.iterdir()) == [] and steps == []


def test_what_cannot_work_here_stops_it_before_a_byte_is_written(tmp_path: Path, steps: list) -> None:
    (tmp_path / "file").write_text("")
    person = Person(present=False)
    answers = ["ADMIN_NAME=x", f"PROVODNIK_DATA_DIR={tmp_path}/file/data", "PROVODNIK_PORT=80"]
    assert person.setup("--env-file", str(tmp_path / "p.env"), "--yes", *answers) == 1
    assert person.shown.count("✗") >= 2
    assert not (tmp_path / "p.env").exists() and steps == []


def test_only_showing_does_nothing_and_shows_no_password(tmp_path: Path, steps: list) -> None:
    person = Person(present=False)
    url = f"postgresql://portal:{PASSWORD}@127.0.0.1:9/portal"
    assert person.setup(*given(tmp_path), "--show", f"PROVODNIK_DATABASE_URL={url}") == 1  # nothing answers there
    assert Person(present=False).setup(*given(tmp_path), "--show") == 0
    assert asked.shown("PROVODNIK_DATABASE_URL", url) == "postgresql://portal:…@127.0.0.1:9/portal"
    assert PASSWORD not in person.shown
    assert not (tmp_path / "p.env").exists() and steps == []


def test_a_file_is_read_as_it_was_written_and_a_broken_one_is_named() -> None:
    for value in ("", "plain", "two words", "a#b", 'a"b', "postgresql://u:p%40@h/d?x=1&y=2", "Имя"):
        assert envfile.read(envfile.line("A", value)) == {"A": value}
    with pytest.raises(envfile.BadFile):
        envfile.line("A", "one'two")
    with pytest.raises(envfile.BadFile, match="2"):
        envfile.read("A=1\n= nonsense \nB=2\n")


@pytest.mark.django_db
class TestFirstSteps:
    def told(self, monkeypatch: pytest.MonkeyPatch, **person: str) -> str:
        monkeypatch.setattr(first_steps.Command, "prepare", lambda self: None)
        everything = {"login": "anna", "name": "Анна", "email": "a@chv.example", "password": "", **person}
        monkeypatch.setattr("sys.stdin", StringIO(json.dumps(everything)))
        out = StringIO()
        call_command("first_steps", stdout=out)
        return out.getvalue()

    def test_a_link_or_a_password_and_nothing_the_second_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "/welcome/" in self.told(monkeypatch)
        assert "/welcome/" in self.told(monkeypatch)  # nobody has used it yet: it is told again
        user = User.objects.get(login="anna")
        assert user.is_administrator and not user.has_usable_password()
        user.set_password(PASSWORD)
        user.save()
        said = self.told(monkeypatch, login="other", password="another-long-one")
        assert "/welcome/" not in said and "anna" in said
        assert User.objects.count() == 1 and User.objects.get().check_password(PASSWORD)

    def test_a_weak_password_becomes_a_link(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said = self.told(monkeypatch, password="пароль123")
        assert "/welcome/" in said and "пароль123" not in said
        assert not User.objects.get().has_usable_password()

    def test_a_good_one_is_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "/welcome/" not in self.told(monkeypatch, password=PASSWORD)
        assert User.objects.get().check_password(PASSWORD)


@pytest.mark.django_db
def test_a_database_is_looked_at_before_it_is_touched() -> None:
    own = connection.get_connection_params()
    url = f"postgresql:///{own['dbname']}?host={own['host']}&user={own['user']}"
    assert [one.level for one in checks.database(url)] == ["ok"]
    assert [one.level for one in checks.database("postgresql://nobody@127.0.0.1:9/x")] == ["error"]


def test_what_is_next_names_the_services_that_are_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {asked.BASE_URL: "https://portal.example"}
    monkeypatch.setattr(run, "UNITS", (tmp_path,))
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/bin/{name}")
    assert "provodnik start" in run.next_step(settings, tmp_path / "p.env")
    for name in ("provodnik-web.service", "provodnik-worker.service", "provodnik-database.service"):
        (tmp_path / name).write_text("")
    told = run.next_step(settings, tmp_path / "p.env")
    assert "enable --now provodnik-database.service provodnik-web.service provodnik-worker.service" in told
    assert "provodnik-database" not in run.next_step({**settings, asked.DATABASE_URL: "postgresql://x"}, tmp_path)


def test_a_folder_of_the_programs_own_account_is_closed_to_others(tmp_path: Path) -> None:
    entry = pwd.getpwuid(os.geteuid())
    run.make_folder(tmp_path / "a" / "data", Account(entry.pw_name, entry.pw_uid, entry.pw_gid))
    assert stat.S_IMODE((tmp_path / "a" / "data").stat().st_mode) == 0o750

"""The commands themselves, with programs of releases that write down how they were called."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provodnik.lifecycle import home, program, standing
from provodnik.lifecycle.arguments import WrongUse
from provodnik.lifecycle.backup import making
from provodnik.lifecycle.binaries import PostgresProblem
from provodnik.lifecycle.parcel.tests.making import FILES, KEY, STRANGER
from provodnik.lifecycle.upgrade import command
from provodnik.lifecycle.upgrade.world import Real, Trouble
from release.pack import Member
from tests import copies
from tests.copies import Copy
from tests.servers.ports import free_port
from tests.sweeps import releases, tiny
from tests.sweeps.releases import NEXT, OLD

_PROGRAM = """#!/bin/sh
echo "{version} $*" >>{log}
[ "$1" != backup ] || {{ mkdir -p "$3"; cp {log}.tar "$3/provodnik-backup-20270101-000000.tar"; }}
{more}
"""


class House:
    """An installation under a root of its own."""

    def __init__(self, one: Copy, root: Path) -> None:
        self.one, self.root, self.log = one, root, root / "log"
        self.opt = root / "opt" / "provodnik"
        self.keys = root / "keys"
        self.keys.mkdir(parents=True)
        public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.keys / "vendor.pub").write_bytes(public)
        self.write(self.opt / "releases" / OLD / "bin" / "provodnik", OLD)
        (self.opt / "current").symlink_to(f"releases/{OLD}")
        self.plan = program.Plan(one.data_dir, one.url, "http://portal.example.ru", "127.0.0.1", free_port(), 1, 1, 1)
        self.said: list[str] = []
        Path(f"{self.log}.tar").write_bytes(b"")

    def write(self, path: Path, version: str, more: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_PROGRAM.format(version=version, log=self.log, more=more))
        path.chmod(0o755)

    def parcel(self, *, more: str = "", key: object = KEY) -> Path:
        place = f'"$PREFIX/opt/provodnik/releases/{NEXT}/bin"'
        script = _PROGRAM.format(version=NEXT, log=self.log, more=more)
        install = f"#!/bin/sh\nset -eu\nmkdir -p {place}\ncat >{place}/provodnik <<'END'\n{script}END\n"
        install += f"chmod 755 {place}/provodnik\necho install >>{self.log}\n"
        files = {**FILES, "install.sh": Member(install.encode(), executable=True)}
        return releases.file_of(self.root, NEXT, files, key)

    def run(self, what: str, *arguments: str) -> int:
        self.log.write_text("")
        commands = {name: f"sh -c {shlex.quote(f'echo {name} >>{self.log}')}" for name in ("stop", "restart")}
        options = ["--opt", str(self.opt), "--keys", str(self.keys)]
        options += ["--stop-command", commands["stop"], "--restart-command", commands["restart"]]
        do = {"upgrade": command.upgrade, "rollback": command.rollback}[what]
        return do([*arguments, *options], self.plan, self.one.backups, self.said.append)

    @property
    def done(self) -> list[str]:
        return self.log.read_text().splitlines()

    @property
    def current(self) -> str:
        return (self.opt / "current").readlink().name


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with copies.empty(tmp_path) as one:
        tiny.fill(one)
        yield House(one, tmp_path)


def test_there_and_back(house: House) -> None:
    file = house.parcel()
    assert house.run("upgrade", str(file), "--check") == 0
    assert (house.done, house.current) == ([], OLD)
    assert house.run("upgrade", str(file)) == 0, house.said
    backups = house.one.backups / "before-upgrade"
    assert house.done == [
        "install",
        f"{NEXT} manage check",
        f"{NEXT} backup --to {backups} --plain --keep 3 0 0",
        "stop",
        f"{NEXT} manage prepare --at-once",
        "restart",
        f"{NEXT} doctor",
    ]
    assert house.current == NEXT
    assert [path.name for path in (house.opt / "releases").iterdir() if path.name.startswith(".")] == []
    assert house.run("upgrade", str(file)) == 1  # runs already
    assert house.done == []

    with psycopg.connect(house.one.url) as connection:  # what the real prepare would have done
        connection.execute("INSERT INTO django_migrations (app, name) VALUES ('desk', '0002_colour')")
    assert house.run("rollback") == 1  # what was written since would be lost: it is asked first
    assert (house.done, house.current) == ([], NEXT)
    assert house.run("rollback", "--yes") == 0, house.said
    assert house.done == ["stop", f"{OLD} manage prepare --at-once", "restart"]
    left = house.one.value("SELECT datname FROM pg_database WHERE datname = current_database() || '_before_rollback'")
    assert any(str(left) in words for words in house.said)
    assert house.current == OLD
    assert house.run("rollback") == 1


def test_a_release_whose_postgresql_cannot_serve_these_data_says_so(
    house: House, server_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked before anything is touched: another major version does not read them."""
    plan = replace(house.plan, database_url="", data_dir=server_folder)
    assert program.which_database(plan) == 0
    assert capsys.readouterr().out.startswith("PostgreSQL 1")
    pgdata = home.prepare(server_folder).pgdata
    pgdata.mkdir()
    (pgdata / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresProblem, match="9"):
        program.which_database(plan)


def test_units_and_the_command_are_those_of_the_release(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As install.sh puts them; where a Debian package did, they are not ours to change."""
    units, command_of = house.root / "etc/systemd/system", house.root / "usr/local/bin/provodnik"
    house.write(house.opt / "releases" / NEXT / "bin" / "provodnik", NEXT)
    for version in (OLD, NEXT):
        share = house.opt / "releases" / version / "share/provodnik"
        (share / "systemd/provodnik-.service.d").mkdir(parents=True)
        (share / "systemd/provodnik-web.service").write_text(version)
        (share / "systemd/provodnik-.service.d/hardening.conf").write_text(version)
        (share / "provodnik.sh").write_text(f"# {version}\nROOT=''\n")
    file = house.parcel()
    for installed in (False, True):
        if installed:
            units.mkdir(parents=True)
            (units / "provodnik-web.service").write_text(OLD)
            command_of.parent.mkdir(parents=True)
            command_of.write_text("")
        for do, expected in ((["upgrade", str(file)], NEXT), (["rollback", "--yes"], OLD)):
            assert house.run(*do) == 0, house.said
            assert units.exists() == installed
            if installed:
                assert (units / "provodnik-web.service").read_text() == expected
                assert (units / "provodnik-.service.d/hardening.conf").read_text() == expected
                assert command_of.read_text() == f"# {expected}\nROOT='{house.root}'\n"
                assert command_of.stat().st_mode & 0o777 == 0o755
    monkeypatch.setattr(os, "access", lambda path, _mode: path != units)  # who may not write there goes on without
    assert house.run("upgrade", str(file)) == 0, house.said
    assert (units / "provodnik-web.service").read_text() == OLD
    assert any(str(units) in words for words in house.said)


def test_what_fails_before_the_database_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    file = house.parcel(more='case "$2" in prepare) echo "desk_ticket: row 250" >&2; exit 1;; esac')
    assert house.run("upgrade", str(file)) == 1
    assert house.done[-3:] == ["stop", f"{NEXT} manage prepare --at-once", "restart"]
    assert house.current == OLD
    assert any("row 250" in words for words in house.said)
    assert standing.why_not(house.one.data_dir) == ""

    def away(_self: object) -> None:
        raise Trouble("the database went away")

    house.said.clear()
    monkeypatch.setattr(Real, "start", away)  # nor does the old release start: it is not said that nothing was done
    assert house.run("upgrade", str(file)) == 1
    assert "rollback" in house.said[-1]
    assert "the database went away" in house.said


def test_what_is_refused_touches_nothing(house: House) -> None:
    before = sorted(house.root.rglob("*"))
    for file in (house.parcel(key=STRANGER), house.parcel(key=None), house.root / "nothing"):
        before = sorted(path for path in house.root.rglob("*") if path != house.log)
        assert house.run("upgrade", str(file)) == 1
        assert house.done == []
        lock = house.one.data_dir / ".upgrade.lock"
        assert sorted(path for path in house.root.rglob("*") if path not in (house.log, lock)) == before
    for wrong in ([], ["a", "b"], ["--nothing"]):
        with pytest.raises(WrongUse):
            house.run("upgrade", *wrong)


def test_how_long_it_would_take_is_tried_on_a_copy(house: House) -> None:
    made = making.make(house.one.asked(folder=house.root / "real"), now=datetime(2027, 1, 1, tzinfo=UTC))
    Path(f"{house.log}.tar").write_bytes(made.path.read_bytes())
    count = "SELECT count(*) FROM pg_database WHERE datname LIKE 'provodnik_estimate%'"
    file = house.parcel(more=f'[ "$2" != prepare ] || echo "$PROVODNIK_DATABASE_URL" >>{house.log}')
    assert house.run("upgrade", str(file), "--estimate") == 0, house.said
    url = house.done[-1]
    assert house.done[-2] == f"{NEXT} manage prepare --at-once" and "/provodnik_estimate_" in url
    assert (house.current, house.one.value(count)) == (OLD, 0)
    assert standing.under_way(house.one.data_dir) == ""
    assert house.run("upgrade", str(file)) == 0  # what was installed beside is used


def test_nobody_works_in_what_stands_half_way(house: House) -> None:
    for name, known in (
        ("restore.json", "{}"),
        ("upgrade.json", '{"state": "under way", "steps": ["backup", "stop"]}'),
        ("upgrade.json", '{"state": "going back", "steps": ["stop", "start"]}'),
    ):
        place = house.one.data_dir / name
        place.write_text(known)
        for start in (program.start, lambda plan: program.one_process(plan, "worker")):
            with pytest.raises(program.Stopped):
                start(house.plan)
        place.unlink()
    for known in ('{"state": "under way", "steps": ["unpack"]}', '{"state": "done", "steps": ["stop", "start"]}'):
        (house.one.data_dir / "upgrade.json").write_text(known)
        program.check_whole(house.plan)


def test_the_private_postgresql_runs_from_the_new_release(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that is not ours to stop: it is restarted for a release, and for a fix that carries another one."""
    monkeypatch.setattr(command, "units_exist", lambda: True)
    services = command._Options("upgrade")
    assert services.get_default("stop_command") == "systemctl stop provodnik-web provodnik-worker"
    assert services.get_default("database_command") == "systemctl restart provodnik-database"
    version = house.one.value("SHOW server_version")
    program_of = house.opt / "releases" / NEXT / "bin" / "provodnik"
    house.write(program_of, NEXT, more=f'[ "$1" != database ] || echo "PostgreSQL ${{V:-{version}}}"')
    real = replace(
        command._world(services.parse([]), house.plan, house.said.append),
        private=True,
        database_command="sh -c 'echo anew >>LOG'".replace("LOG", str(house.log)),
    )
    for always, other, expected in ((False, "", []), (True, "", ["anew"]), (False, "99.1", ["anew"])):
        house.log.write_text("")
        monkeypatch.setenv("V", other)
        real.database_anew(program_of, always=always)
        assert [line for line in house.done if line == "anew"] == expected
    house.log.write_text("")
    real.check(program_of)
    assert house.done == [f"{NEXT} manage check", f"{NEXT} database --which"]

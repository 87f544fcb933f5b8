"""The program `provodnik`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from provodnik import __version__
from provodnik.config.env import Environment, SettingsError, load, mistakes_of
from provodnik.lifecycle import demonstration, program, usage
from provodnik.lifecycle.arguments import WrongUse
from provodnik.lifecycle.backup import command as backup
from provodnik.lifecycle.backup.rotation import Keep
from provodnik.lifecycle.binaries import PostgresProblem
from provodnik.lifecycle.restore import command as restore
from provodnik.lifecycle.setup.asking import Terminal
from provodnik.lifecycle.setup.run import setup
from provodnik.lifecycle.upgrade import command as upgrades
from provodnik.lifecycle.waiting import reachable_host

WRONG_USE = 2


class Parser(argparse.ArgumentParser):
    """argparse with our own help: its own words are English."""

    def format_help(self) -> str:
        return usage.text()

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(self.format_help())
        raise SystemExit(WRONG_USE)


def parse(arguments: Sequence[str]) -> tuple[str, list[str]]:
    parser = Parser(prog="provodnik", add_help=False)
    parser.add_argument("command", choices=[*usage.commands(), "help"])
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(parser.format_help())
        raise SystemExit(0 if arguments else WRONG_USE)
    if arguments[0] == "--version":
        return "version", []
    command = str(parser.parse_args(arguments[:1]).command)
    rest = list(arguments[1:])
    if {"-h", "--help"} & set(rest) and command not in usage.OWN_HELP:
        sys.stdout.write(usage.of(command))
        raise SystemExit(0)
    if command not in usage.OWN_OPTIONS and not set(rest) <= usage.OPTIONS.get(command, set()):
        parser.error("")
    return command, rest


def plan(environment: Environment) -> program.Plan:
    if "base_url" not in environment.model_fields_set:  # then it is where the web server listens
        host = reachable_host(environment.host)
        os.environ["PROVODNIK_BASE_URL"] = f"http://{host}:{environment.port}"
        environment = load()
    return program.Plan(
        data_dir=environment.data_dir.absolute(),
        database_url=environment.database_url,
        base_url=environment.base_url,
        host=environment.host,
        port=environment.port,
        web_workers=environment.web_workers,
        web_threads=environment.web_threads,
        worker_concurrency=environment.worker_concurrency,
    )


def backups_of(environment: Environment) -> backup.Settings:
    return backup.Settings(
        version=__version__,
        folder=environment.backup_dir or environment.data_dir / "backups",
        key=environment.backup_key,
        keep=Keep(*environment.backup_keep),
        secret=environment.secret,
    )


def run(command: str, rest: list[str]) -> int:
    if command == "version":
        sys.stdout.write(f"PROводник {__version__}\n")
        return 0
    if command == "setup":
        return setup(rest, mistakes_of, program.say, Terminal(program.say), os.environ)
    if command == "demo":
        demonstration.settle(Path.cwd(), "PROVODNIK_PORT" in os.environ)
    if command == "backup-key":
        return backup.backup_key(rest, program.say)
    environment = load()
    made = plan(environment)
    starters: dict[str, Callable[[], int]] = {
        "start": lambda: program.start(made),
        "web": lambda: program.one_process(made, "web"),
        "worker": lambda: program.one_process(made, "worker"),
        "database": lambda: program.which_database(made) if rest else program.keep_database(made),
        "doctor": lambda: program.examine(made, rest),
        "check": lambda: program.manage(made, ["try_out", *rest]),
        "support-bundle": lambda: program.manage(
            made, ["support_bundle", *rest], needs_database="--no-database" not in rest
        ),
        "manage": lambda: program.manage(made, rest),
        "manual": lambda: program.plain(made, ["manual", *rest]),
        "backup": lambda: backup.backup(rest, made, backups_of(environment), program.say),
        "restore": lambda: restore.restore(rest, made, __version__, environment.secret_key, program.say),
        "upgrade": lambda: upgrades.upgrade(rest, made, backups_of(environment).folder, program.say),
        "rollback": lambda: upgrades.rollback(rest, made, backups_of(environment).folder, program.say),
        "release-quarantine": lambda: restore.release_quarantine(rest, made, program.say),
        "demo": lambda: demonstration.run(made),
    }
    return starters[command]()


def _leave(signum: int, _frame: FrameType | None) -> None:
    """A signal before the supervisor has taken over: unwind, so that what was started is stopped."""
    raise SystemExit(128 + signum)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    command, rest = parse(sys.argv[1:] if argv is None else argv)
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _leave)
    try:
        return run(command, rest)
    except SettingsError as error:
        sys.stderr.write(usage.mistakes(error.mistakes))
        return WRONG_USE
    except WrongUse as wrong:
        sys.stderr.write(f"{wrong}\n")
        return WRONG_USE
    except PostgresProblem as problem:
        return program.told(problem)
    except program.Stopped as stopped:
        return stopped.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())

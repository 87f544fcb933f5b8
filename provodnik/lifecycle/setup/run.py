"""The command itself: ask, look, tell what will be done, do it, tell what is next."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from provodnik.lifecycle.home import Account
from provodnik.lifecycle.setup import asking, checks, envfile
from provodnik.lifecycle.setup import questions as asked
from provodnik.lifecycle.words import gettext as _

PACKAGE_ROOT = Path(__file__).resolve().parents[3]
OWN_ACCOUNT = "provodnik"  # made by the package
UNITS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
MARKS = {"ok": "✓", "warning": "!", "error": "✗"}
WRONG_USE, FAILED = 2, 1
# Of the surroundings only these reach the program that setup starts: settings come from the file alone.
PASSED_ON = ("PROVODNIK_PG_BIN", "PROVODNIK_TEST_FSYNC")
Say = Callable[[str], None]


def setup(
    arguments: list[str], mistakes: asking.Mistakes, say: Say, terminal: asking.Terminal, environ: Mapping[str, str]
) -> int:
    """Run `provodnik setup`; its exit status. `mistakes(settings)`: what the program would say of them."""
    try:
        made = asking.order(arguments, environ)
        known = read_known(made.env_file)
        account = account_of(made.user)
        answers = asking.collect(made, known, terminal, mistakes)
        settings = asked.settings_of(answers, known)
        text = envfile.merged(_text(made.env_file) or header(), settings)
    except (asking.WrongUse, envfile.BadFile) as error:
        say(_("Nothing was done.") + f"\n{error}")
        return WRONG_USE
    say(_("What was looked at:"))
    found = list(checks.look(settings, account))
    for one in found:
        say(f"  {MARKS[one.level]} {one.text}")
    if any(one.level == "error" for one in found):
        say(_("Nothing was done: set right what is marked with ✗ and run setup again."))
        return FAILED
    say(_("What will be done:"))
    for number, words in enumerate(plan(made.env_file, known, settings, answers, account), 1):
        say(f"  {number}. {words}")
    if made.only_show or not (made.yes or terminal.agrees(_("Begin? (yes or no)"))):
        say(_("Nothing was done."))
        return 0
    return carry_out(made.env_file, text, settings, answers, account, say, environ)


def read_known(path: Path) -> dict[str, str]:
    """What is set already. Raises BadFile, or WrongUse when the file may not be read."""
    return envfile.read(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except PermissionError as error:
        raise asking.WrongUse(_("%(path)s may not be read: run setup as root.") % {"path": path}) from error


def header() -> str:
    return (
        "# "
        + _("Settings of PROvodnik. Each is described in docs/settings.md; after a change restart the services.")
        + "\n"
    )


def account_of(name: str | None) -> Account | None:
    """As whom the program will run: the package's own account when root sets up, else ourselves (None)."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name or OWN_ACCOUNT)
    except KeyError:
        if name:
            raise asking.WrongUse(_("There is no account %(name)s on this machine.") % {"name": name}) from None
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def plan(
    path: Path,
    known: Mapping[str, str],
    settings: Mapping[str, str],
    answers: Mapping[str, str],
    account: Account | None,
) -> list[str]:
    """What will be done, line by line, without secrets."""
    changed = [name for name, value in settings.items() if known.get(name, "") != value]
    words = []
    if changed:
        told = _("Write the settings into %(path)s (what else stands there stays):") % {"path": path}
        words.append("\n       ".join([told, *(f"{name}={asked.shown(name, settings[name])}" for name in changed)]))
    folder = settings[asked.DATA_DIR]
    if not Path(folder).exists():
        told = _("Make the folder %(path)s.")
        if account:
            told = _("Make the folder %(path)s for the account %(name)s.")
        words.append(told % {"path": folder, "name": account.name if account else ""})
    if settings.get(asked.DATABASE_URL):
        words.append(_("Bring the tables of the database up to this version; what is in them stays."))
    else:
        words.append(_("Start the private PostgreSQL (making it if there is none) and bring its tables up to date."))
    words.append(
        _("Make the administrator %(login)s, unless there is an administrator already.")
        % {"login": answers[asked.LOGIN]}
    )
    words.append(_("Look at everything with doctor."))
    return words


def carry_out(
    path: Path,
    text: str,
    settings: Mapping[str, str],
    answers: Mapping[str, str],
    account: Account | None,
    say: Say,
    environ: Mapping[str, str],
) -> int:
    """Do it. Each step may be repeated, so a setup that broke off is simply run again."""
    try:
        if _text(path) != text:
            envfile.write(path, text, group=account.gid if account else None)
        make_folder(Path(settings[asked.DATA_DIR]), account)
    except OSError as error:
        say(_("This was not possible: %(reason)s. Run setup as root.") % {"reason": error})
        return FAILED
    person = {
        "login": answers[asked.LOGIN].strip().lower(),
        "name": answers[asked.NAME],
        "email": answers[asked.EMAIL],
        "password": answers[asked.PASSWORD],
    }
    status = first_steps(path, settings, person, account, environ)
    if status == 0:
        say(next_step(settings, path))
    else:
        say(_("Set right what is marked with ✗ above and run setup again: what is done is not done twice."))
    return status


def make_folder(path: Path, account: Account | None) -> None:
    """Folders above it stay as they are. Its own is closed to others, unless a private server that root starts has to
    pass as an account of its own (lifecycle.home)."""
    if not path.exists():
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.mkdir(mode=0o755 if account is None and os.geteuid() == 0 else 0o750)
    if account is not None and path.stat().st_uid == 0:
        os.chown(path, account.uid, account.gid)


def first_steps(
    env_file: Path,
    settings: Mapping[str, str],
    person: Mapping[str, str],
    account: Account | None,
    environ: Mapping[str, str],
) -> int:
    """Database, administrator, doctor: by the program itself, as the account that will run it."""
    surroundings = {name: value for name, value in environ.items() if not name.startswith("PROVODNIK_")}
    surroundings |= {name: environ[name] for name in PASSED_ON if name in environ}
    path = surroundings.get("PYTHONPATH")
    surroundings |= {
        "PROVODNIK_ENV_FILE": str(env_file.absolute()),
        "PYTHONPATH": os.pathsep.join([str(PACKAGE_ROOT), *([path] if path else [])]),
    }
    as_whom: dict[str, object] = {}
    if account is not None:
        surroundings["HOME"] = settings[asked.DATA_DIR]
        as_whom = {"user": account.uid, "group": account.gid, "extra_groups": []}
    done = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "provodnik", "manage", "first_steps"],
        input=json.dumps(person),
        text=True,
        env=surroundings,
        cwd="/",
        check=False,
        **as_whom,
    )
    return int(done.returncode)


def next_step(settings: Mapping[str, str], env_file: Path) -> str:
    """What is to be done now, by what this machine has."""
    wanted = ["provodnik-web.service", "provodnik-worker.service", "provodnik-backup.timer"]
    if not settings.get(asked.DATABASE_URL):
        wanted.insert(0, "provodnik-database.service")
    units = [name for name in wanted if _unit(name)]
    lines = [_("All is ready.")]
    if units and shutil.which("systemctl"):
        lines.append(_("Start it: systemctl enable --now %(units)s") % {"units": " ".join(units)})
    else:
        lines.append(_("Start it: PROVODNIK_ENV_FILE=%(path)s provodnik start") % {"path": env_file})
    lines.append(_("Then open %(url)s and sign in.") % {"url": settings[asked.BASE_URL]})
    lines.append(_("Afterwards set up a mailbox (Administration, Mailboxes) and try it: provodnik check mail"))
    return "\n".join(lines)


def _unit(name: str) -> bool:
    with contextlib.suppress(OSError):
        return any((folder / name).exists() for folder in UNITS)
    return False

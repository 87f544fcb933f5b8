"""What setup asks, and what it makes of the answers. Plain functions: no terminal, no file, no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from provodnik.lifecycle.words import gettext as _

Answers = dict[str, str]

BASE_URL = "PROVODNIK_BASE_URL"
DATA_DIR = "PROVODNIK_DATA_DIR"
DATABASE_URL = "PROVODNIK_DATABASE_URL"
HOST = "PROVODNIK_HOST"
PORT = "PROVODNIK_PORT"
PROXIES = "PROVODNIK_TRUSTED_PROXIES"
TIME_ZONE = "PROVODNIK_TIME_ZONE"
NGINX, LOGIN, NAME, EMAIL, PASSWORD = "BEHIND_NGINX", "ADMIN_LOGIN", "ADMIN_NAME", "ADMIN_EMAIL", "ADMIN_PASSWORD"
OWN = frozenset({NGINX, LOGIN, NAME, EMAIL, PASSWORD})  # answers that are no settings
SECRET = frozenset({PASSWORD, DATABASE_URL, "PROVODNIK_SECRET_KEY", "PROVODNIK_METRICS_TOKEN"})

LOOPBACK = "127.0.0.1,::1"
_YES, _NO = frozenset({"yes", "y", "1", "true", "да", "д"}), frozenset({"no", "n", "0", "false", "нет", "н"})
_LOGIN = re.compile(r"[a-z0-9_-]{1,150}")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
LOWEST_FREE_PORT = 1024  # below it only root listens (ip_unprivileged_port_start)


@dataclass(frozen=True)
class Question:
    """`default(answers)` may be empty; `check(value)` gives what is wrong in words, or ""."""

    name: str
    words: str
    hint: str
    default: Callable[[Answers], str]
    check: Callable[[str], str] = lambda value: ""
    secret: bool = False


def yes(value: str) -> bool:
    return value.strip().lower() in _YES


def yes_or_no(value: str) -> str:
    return "" if value.strip().lower() in _YES | _NO else _("Answer yes or no.")


def login(value: str) -> str:
    return "" if _LOGIN.fullmatch(value.lower()) else _("A login has Latin letters, figures, hyphens and underscores.")


def email(value: str) -> str:
    return "" if not value or _EMAIL.fullmatch(value) else _("This is no e-mail address.")


def named(value: str) -> str:
    return "" if value.strip() else _("Write a name: it stands beside what this person does.")


def is_https(answers: Mapping[str, str]) -> bool:
    return answers.get(BASE_URL, "").startswith("https://")


def behind_nginx(answers: Mapping[str, str]) -> str:
    """What is likely: who has HTTPS has a proxy, and so has who trusts one already."""
    return "yes" if is_https(answers) or answers.get(PROXIES) else "no"


def port_of(answers: Mapping[str, str]) -> str:
    """Without a proxy the port of the address itself, or the usual one."""
    try:
        named_port = urlsplit(answers.get(BASE_URL, "")).port
    except ValueError:
        named_port = None
    return str(named_port or 8000) if not yes(answers.get(NGINX, "no")) else "8000"


def questions() -> list[Question]:
    """In the order in which they are asked."""
    return [
        Question(
            BASE_URL,
            _("The address that people will open"),
            _("As in the address bar of a browser, for example https://portal.vodokanal.ru"),
            lambda given: "http://localhost:8000",
        ),
        Question(
            NGINX,
            _("Does nginx (or another proxy) on this machine stand before it: yes or no"),
            _("It is what HTTPS is set up in; an example lies in the distributive"),
            behind_nginx,
            yes_or_no,
        ),
        Question(PORT, _("The port to listen on"), _("With nginx it passes requests on to this port"), port_of),
        Question(
            DATA_DIR,
            _("The folder of data"),
            _("Files, the secret key and the private database; wants room to grow"),
            lambda given: "/var/lib/provodnik",
        ),
        Question(
            DATABASE_URL,
            _("The database: empty for a private PostgreSQL of its own, or an address"),
            _("For example postgresql://provodnik:password@db.vodokanal.ru/provodnik"),
            lambda given: "",
            secret=True,
        ),
        Question(
            TIME_ZONE,
            _("The time zone"),
            _("For example Europe/Moscow, Asia/Yekaterinburg, Asia/Vladivostok"),
            lambda given: "Europe/Moscow",
        ),
        Question(LOGIN, _("The first administrator: login"), "", lambda given: "admin", login),
        Question(NAME, _("The first administrator: surname, name, patronymic"), "", lambda given: "", named),
        Question(
            EMAIL,
            _("The first administrator: e-mail, or nothing"),
            _("A forgotten password is mended by it"),
            lambda given: "",
            email,
        ),
        Question(
            PASSWORD,
            _("The first administrator: password, or nothing to get a link that sets it"),
            "",
            lambda given: "",
            secret=True,
        ),
    ]


def settings_of(answers: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """The lines of the file of settings. What nginx means is written out: whom to believe, where to listen; what is
    `known` of that already stays while it says the same."""
    made = {name: value for name, value in answers.items() if name not in OWN}
    if NGINX in answers:
        behind = yes(answers[NGINX])
        if behind != bool(made.get(PROXIES)) or HOST not in made:
            host = "127.0.0.1" if behind else "0.0.0.0"  # noqa: S104  # people come from outside
            made[HOST] = host if HOST not in made or HOST in known else made[HOST]
            made[PROXIES] = LOOPBACK if behind else ""
    return {name: value for name, value in made.items() if value or known.get(name)}


def shown(name: str, value: str) -> str:
    """A value as it may be printed."""
    if name == DATABASE_URL and value:
        return re.sub(r"(//[^:/@]*):[^@]*@", r"\1:…@", value)
    return "…" if name in SECRET and value else value

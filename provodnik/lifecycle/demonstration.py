"""The living demo: a private database in `.demo`, invented people, mail that goes nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from provodnik.lifecycle.program import Plan, check_port, database, say, serve, step, web_child, worker_child
from provodnik.lifecycle.waiting import port_is_free
from provodnik.lifecycle.words import gettext as _

HOST = "127.0.0.1"
FIRST_PORT = 8000
FIRST_SMTP_PORT = 2525
PORTS = 50  # how many to try


def free_port(first: int) -> int:
    for port in range(first, first + PORTS):
        if port_is_free(HOST, port):
            return port
    return first


def settle(folder: Path, port_is_named: bool) -> None:
    """Set the environment of a demo in `folder`. Never a real database: it is filled with invented people."""
    port = os.environ["PROVODNIK_PORT"] if port_is_named else str(free_port(FIRST_PORT))
    os.environ.pop("PROVODNIK_DATABASE_URL", None)
    os.environ.setdefault("PROVODNIK_DATA_DIR", str(folder / ".demo"))
    os.environ.setdefault("PROVODNIK_BASE_URL", f"http://{HOST}:{port}")
    os.environ.setdefault("PROVODNIK_DEMO_SMTP_PORT", str(free_port(FIRST_SMTP_PORT)))
    os.environ |= {"PROVODNIK_DEMO": "1", "PROVODNIK_PORT": port}


def run(plan: Plan) -> int:
    check_port(plan)
    say(_("Starting the demo of PROvodnik; its data are in %(folder)s.") % {"folder": plan.data_dir})
    with database(plan) as (ready, server):
        step(ready, "django", "prepare")
        step(ready, "django", "load_demo")
        children = [web_child(ready), worker_child(ready), ready.child("mail", "provodnik.demo.mailserver")]
        return serve(ready, children, server, farewell(plan))


def farewell(plan: Plan) -> str:
    lines = [
        _("The demo works: %(url)s") % {"url": plan.base_url},
        _("Its mail is at %(url)s; letters are taken by SMTP at %(host)s, port %(port)s.")
        % {
            "url": f"{plan.base_url}/demo/mail/",
            "host": HOST,
            "port": os.environ.get("PROVODNIK_DEMO_SMTP_PORT", FIRST_SMTP_PORT),
        },
        _("Ctrl+C stops it."),
    ]
    return "\n".join(lines)

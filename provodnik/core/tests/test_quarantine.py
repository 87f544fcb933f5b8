"""The one gate between jobs and other machines (safety F54, F55)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django import app

import provodnik
from provodnik.api.problems import Problem
from provodnik.api.routes import exchange
from provodnik.channels.email.imap import ImapSession
from provodnik.channels.email.imap_letters import ImapAccount
from provodnik.channels.email.smtp import SmtpAccount, SmtpSession
from provodnik.core import gate, jobs, outbound, quarantine
from provodnik.core.models import Quarantine
from provodnik.desk.tests.factories import AdministratorFactory
from provodnik.federation.ldap import client as ldap
from provodnik.federation.ldap.client import Address

# Every job that speaks to another machine, or makes jobs that do. A new one belongs here and says `outside=True`.
OUTSIDE = {
    "channels.send", "channels.send_due", "desk.fetch", "desk.look_for_mail", "hooks.deliver", "hooks.wake",
    "sms.deliver", "sms.due", "exchange.look", "exchange.give", "exchange.read_bases", "exchange.fetch", "exchange.run",
    "federation.look",
}  # fmt: skip
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def close() -> None:
    Quarantine.objects.create(origin="https://desk.example.ru", backup_at=NOON, backup_number=7)
    quarantine.forget()


def test_the_jobs_that_go_outside_are_these() -> None:
    app.perform_import_paths()
    assert jobs.OUTSIDE == OUTSIDE
    assert set(app.tasks) >= OUTSIDE


def _ldap() -> None:
    setup: Any = SimpleNamespace(deadline=5)
    with ldap._talk(setup, Address("directory.example.ru", 636)):
        pass


def test_a_worker_knows_every_job_without_having_shown_a_page() -> None:
    package = Path(provodnik.__file__).parent
    modules = {
        ".".join(("provodnik", *path.relative_to(package).with_suffix("").parts)).removesuffix(".__init__")
        for path in package.rglob("*.py")
        if "tests" not in path.parts and re.search(r"^@(jobs\.job|app\.task)\(", path.read_text(), re.MULTILINE)
    }
    assert modules <= set(settings.PROCRASTINATE_IMPORT_PATHS)


@pytest.mark.parametrize(
    "connect",
    [
        lambda: outbound.send("POST", "https://hooks.example.ru/"),
        lambda: SmtpSession(SmtpAccount("mail.example.ru", 465, "tls")).open(),
        lambda: ImapSession(ImapAccount("mail.example.ru", 993, "tls", username="desk", password="x")).connect(),
        _ldap,
    ],
    ids=["http", "smtp", "imap", "ldap"],
)
def test_no_other_job_can_open_a_connection(connect: Callable[[], object]) -> None:
    with gate.entered("some.job", outside=False), pytest.raises(gate.Undeclared):
        connect()


@pytest.mark.django_db
def test_in_quarantine_they_wait_and_are_not_lost() -> None:
    done: list[str] = []
    one = jobs.job(name="test.one", outside=True)(lambda: done.append("one"))
    each_minute = jobs.job(name="test.each_minute", outside=True, alone=True, attempts=1)(lambda: done.append("minute"))
    try:
        close()
        with pytest.raises(quarantine.Closed) as closed:
            one()
        each_minute()
        assert done == []
        for attempts in (0, 100):
            job: Any = SimpleNamespace(attempts=attempts, task_name="test.one")
            decision = one.get_retry_exception(exception=closed.value, job=job)
            assert decision is not None
        Quarantine.objects.update(released_at=NOON)
        one()
        each_minute()
        assert done == ["one", "minute"]
    finally:
        jobs.OUTSIDE -= {"test.one", "test.each_minute"}
        for name in ("test.one", "test.each_minute"):
            del app.tasks[name]


@pytest.mark.django_db
def test_everybody_sees_it_and_doctor_says_it(client: Client) -> None:
    quarantine.forget()
    assert quarantine.banners() == []
    close()
    assert [line.tone for line in quarantine.banners()] == ["warning"]
    client.force_login(AdministratorFactory.create())
    assert "Карантин: это восстановленная копия" in client.get("/profile/").content.decode().replace("\xa0", " ")
    (finding,) = quarantine.findings()
    assert finding.level == "warning"
    assert "https://desk.example.ru" in finding.text
    quarantine.forget()


@pytest.mark.django_db
def test_no_base_pushes_into_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "may_push", lambda _user: True)
    monkeypatch.setattr(exchange, "me", lambda _request: None)
    asked: Any = None
    exchange._pushers_only(asked)
    close()
    with pytest.raises(Problem) as refused:
        exchange._pushers_only(asked)
    assert refused.value.code == "away"
    quarantine.forget()

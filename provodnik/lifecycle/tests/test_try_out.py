"""`provodnik check`: what was tried, what answered, what to do; each thing fails alone."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from provodnik import __main__ as program
from provodnik.channels import trials as mail
from provodnik.channels.models import Outgoing, OutgoingState
from provodnik.core.outbound import Answer, OutboundError
from provodnik.core.trials import trials
from provodnik.desk.tests.factories import MailboxFactory
from provodnik.exchange import trials as exchange
from provodnik.exchange.models import Base, ODataAccess
from provodnik.federation import trials as federation
from provodnik.federation.ldap.client import Step
from provodnik.federation.models import Directory, Provider
from provodnik.federation.oidc.tokens import Wrong
from provodnik.hooks import trials as hooks
from provodnik.hooks.models import Delivery, Subscription
from provodnik.lifecycle import usage
from provodnik.sms import trials as sms
from provodnik.sms.models import Gateway, Sms

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def told(*arguments: str) -> tuple[str, int]:
    """What is printed, and the exit status."""
    out = StringIO()
    try:
        call_command("try_out", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_where_nothing_is_set_up_nothing_is_wrong() -> None:
    text, status = told()
    assert status == 0, text
    assert "✗" not in text
    listed, _status = told("--list")
    assert {line.split()[0] for line in listed.splitlines()} == {
        "settings", "database", "antivirus", "mail", "ldap", "oidc", "1c", "sms", "webhooks",
    }  # fmt: skip
    assert len({trial.name for trial in trials()}) == len(trials())
    with pytest.raises(CommandError, match="webhooks"):
        told("telegraph")


def test_a_mailbox_is_tried_both_ways_and_by_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    box = MailboxFactory.create(imap_host="127.0.0.1", imap_port=1, smtp_host="127.0.0.1", smtp_port=1, is_active=True)
    box.imap_password = box.smtp_password = "synthetic-password"
    box.save()
    text, status = told("mail")
    assert status == 1
    assert text.count("✗") == 2 and "→" in text
    assert "synthetic-password" not in text
    assert not Outgoing.objects.exists()
    for state, mark in ((OutgoingState.SENT, "✓"), (OutgoingState.PENDING, "!"), (OutgoingState.DEAD, "✗")):
        sent = {"state": state, "sent_at": NOW if state == OutgoingState.SENT else None, "error": "nobody there"}

        def deliver(pk: int, *, now: Any, sent: dict[str, Any] = sent) -> None:
            Outgoing.objects.filter(pk=pk).update(**sent)

        monkeypatch.setattr(mail.outgoing, "deliver", deliver)
        monkeypatch.setattr(mail, "check_imap", lambda account: [])
        monkeypatch.setattr(mail, "check_smtp", lambda account: [])
        text, _status = told("mail", "--to", "me@chv.example")
        assert f"{mark} {box.address}" in text and "me@chv.example" in text, text
    assert set(Outgoing.objects.values_list("recipient", flat=True)) == {"me@chv.example"}


def test_directories_and_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    Directory.objects.create(
        name="AD", servers="dc1.chv.example dc2.chv.example", base="dc=chv", logins=["uid"], is_active=True
    )
    Provider.objects.create(name="Вход", issuer="https://id.example", client_id="p", is_active=True)
    steps = [Step("search", "dc1:636", count=3), Step("bind", "dc2:636", "bind")]
    monkeypatch.setattr(federation.client, "check", lambda setup, now: steps)
    monkeypatch.setattr(federation, "setup_of", lambda row: None)

    def refuses(issuer: str) -> None:
        raise Wrong("status")

    monkeypatch.setattr(federation.oidc, "metadata", refuses)
    text, status = told("ldap", "oidc")
    assert status == 1
    assert "✓ AD, dc1:636" in text and "✗ AD, dc2:636" in text and "✗ Вход" in text
    Directory.objects.update(is_active=False)
    Provider.objects.update(is_active=False)  # what is being set up yet is no fault of the installation
    text, status = told("ldap", "oidc")
    assert status == 0 and "! AD (выключен), dc2:636" in text and "! Вход (выключен)" in text
    monkeypatch.setattr(federation.oidc, "metadata", lambda issuer: None)
    monkeypatch.setattr(federation.oidc, "keys", lambda told: [1, 2])
    assert "✓ Вход" in told("oidc")[0]


def test_ways_to_1c(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_DIR = tmp_path
    base = Base.objects.create(code="zup", name="ЗУП", key_sealed="", key_made_at=NOW, created_at=NOW)
    assert "! ЗУП" in told("1c")[0]
    (tmp_path / "zup").mkdir()
    ODataAccess.objects.create(base=base, address="https://1c.example", user="u", is_on=True, changed_at=NOW)
    monkeypatch.setattr(exchange, "looked", lambda access, at: [{"set": "", "code": "password", "count": None}])
    text, status = told("1c")
    assert status == 1 and "✓ ЗУП" in text and "✗ ЗУП" in text
    monkeypatch.setattr(exchange, "looked", lambda access, at: [{"set": "persons", "code": "ok", "count": 7}])
    text, status = told("1c")
    assert status == 0 and "7" in text


def test_a_message_to_a_phone_goes_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    Gateway.objects.create(
        pk=Gateway.ONLY, address="https://sms.example/send", body='{"to":"{digits}","text":"{text}"}', is_active=True,
        prefixes="+7",
    )  # fmt: skip
    assert told("sms")[1] == 0 and told("sms", "--to", "me@chv.example")[1] == 0
    assert not Sms.objects.exists()

    def send(pk: int, *, at: Any) -> None:
        Sms.objects.filter(pk=pk).update(state="dead", error="status", status=500)

    monkeypatch.setattr(sms.announce, "send", send)
    text, status = told("sms", "--to", "+79120000000")
    assert status == 1 and "500" in text and "+79120000000" not in text
    assert told("sms", "--to", "+33120000000")[1] == 1  # none that it may write to


@pytest.mark.parametrize(
    ("answer", "mark"), [(Answer(204, {}, b""), "✓"), (Answer(500, {}, b"x"), "✗"), (OutboundError("late"), "✗")]
)
def test_receivers_of_webhooks_are_asked_past_their_queue(
    monkeypatch: pytest.MonkeyPatch, answer: Any, mark: str
) -> None:
    Subscription.objects.create(name="Учёт", address="https://x.example", kinds=[], created_at=NOW)
    monkeypatch.setattr(hooks.announce, "headers_of", lambda row, ping, at: {})

    def post(address: str, body: bytes, headers: dict[str, str]) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(hooks.announce, "post", post)
    text, _status = told("webhooks")
    assert f"{mark} Учёт" in text
    assert not Delivery.objects.exists()


def test_one_that_breaks_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(asked: Any) -> None:
        raise ValueError("gone")

    monkeypatch.setattr(mail, "Mailbox", broken)
    text, status = told("mail", "webhooks")
    assert status == 1
    assert "✗ mail" in text and len(text.splitlines()) == 3


def test_each_command_tells_of_itself(capsys: Any) -> None:
    """`provodnik check --help` and the like: in Russian, nothing is started."""
    for command in sorted(set(usage.commands()) - usage.OWN_HELP):
        with pytest.raises(SystemExit) as end:
            program.parse([command, "--help"])
        told = capsys.readouterr().out
        assert end.value.code == 0
        assert f"provodnik {command}" in told and usage.commands()[command] in told

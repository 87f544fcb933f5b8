"""A person who asked to be erased is nowhere: one word of his is put wherever a person's words can lie, and looked for
in every column of every table afterwards (152-FZ, art. 14 and 21; docs/adr/0018). And every model with words in it is
named here with what becomes of them: a new one without a line fails."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.utils import timezone

from provodnik.accounts import journal
from provodnik.accounts.models import ApiToken, Session, TrustedDevice
from provodnik.api.models import Answer, Upload
from provodnik.articles.models import Article, Asked, Version, Vote
from provodnik.channels import intake as ledger
from provodnik.channels.models import Outgoing, OutgoingState
from provodnik.core import files
from provodnik.desk import intake
from provodnik.desk.actions import closing, drafts, forgetting, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.facts import change_priority
from provodnik.desk.models import BulkItem, BulkRun, Message, SavedView, Ticket, TicketFields, Unsent, UnsentFile
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    ContractFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.federation.models import Identity, Provider
from provodnik.hooks.models import Attempt, Delivery, Subscription
from provodnik.notify.models import Notice
from provodnik.quality.actions import cases
from provodnik.quality.models import Export
from provodnik.transfer.models import Transfer, TransferLine
from provodnik.works.models import Answering, AnswerLine, Work

pytestmark = pytest.mark.django_db
CANARY = "zqcanary"
NOW = timezone.now()
AT = NOW - timedelta(days=3)
EMAIL = f"{CANARY}@chv.example"


def found() -> dict[str, int]:
    """{table.column: rows} that hold the word, as text or as bytes, in the whole database."""
    told = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns c JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND"
            " data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea', 'USER-DEFINED', 'tsvector',"
            " 'character', 'inet')"
        )
        for table, column, kind in cursor.fetchall():
            as_text = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f"SELECT count(*) FROM \"{table}\" WHERE {as_text} ILIKE '%%{CANARY}%%'")
            if count := cursor.fetchone()[0]:
                told[f"{table}.{column}"] = count
    return told


def a_request(contact: Any, specialist: Any) -> Ticket:
    made = make_ticket(
        contact=contact, at=AT, subject=f"{CANARY} не печатает", text=f"Это {CANARY}.",
        files=[NewFile(f"{CANARY}.txt", "text/plain", CANARY.encode())],
    )  # fmt: skip
    work.take(made.pk, by=specialist, at=AT)
    work.note(made.pk, text=f"Звонил {CANARY} @{specialist.login}", by=specialist, at=AT)
    change_priority(made.pk, priority=Priority.URGENT, reason=f"{CANARY} просит", by=specialist, at=AT)
    closing.close(made.pk, resolution=Resolution.SOLVED, text=f"Готово, {CANARY}", by=specialist, at=AT)
    TicketFields.objects.create(ticket=made, values={"1": CANARY})
    Ticket.objects.filter(pk=made.pk).update(rating_text=CANARY, context={"page": CANARY})
    return made


def a_letter(contact: Any) -> None:
    mailbox = MailboxFactory.create()
    raw = (
        f"From: {contact.name} <{EMAIL}>\r\nTo: {mailbox.address}\r\nMessage-ID: <7@x.example>\r\n"
        f"Subject: {CANARY}\r\n\r\n{CANARY}\r\n"
    ).encode()
    row = ledger.take_raw(mailbox, raw, envelope_from=EMAIL, now=AT)
    intake.accept(row.pk)
    loose = ledger.take_raw(mailbox, raw.replace(b"Message-ID: <", b"Message-ID: <b"), envelope_from=EMAIL, now=AT)
    type(loose).objects.filter(pk=loose.pk).update(state="rejected", settled_at=AT, sender=EMAIL, subject=CANARY)


def beside_it(ticket: Ticket, contact: Any, specialist: Any) -> None:
    """What other rooms keep of the request."""
    drafts.keep(ticket.pk, mode="note", text=f"Черновик {CANARY}", by=specialist, at=AT, key=uuid.uuid4())
    kept = Unsent.objects.get()
    UnsentFile.objects.create(unsent=kept, blob=files.keep(CANARY.encode()), name=CANARY, content_type="text/plain")
    run = BulkRun.objects.create(what="answer", asked={"text": CANARY}, by=specialist, at=AT, state="done")
    BulkItem.objects.create(run=run, ticket=ticket, done=True)
    planned = Work.objects.create(kind="incident", title="Авария", starts_at=AT, changed_at=AT)
    given = Answering.objects.create(key=uuid.uuid4(), work=planned, by=specialist, text=CANARY, at=AT, done_at=AT)
    AnswerLine.objects.create(answering=given, ticket=ticket, verdict="refused", reason=CANARY)
    hook = Subscription.objects.create(
        name="н", address="https://x.example", kinds=[], with_details=True, created_at=AT
    )
    sent = Delivery.objects.create(
        subscription=hook, ticket=ticket.pk, position=1, kind="closed", body=CANARY, with_details=True, created_at=AT
    )
    Attempt.objects.create(delivery=sent, at=AT, milliseconds=1, answer=CANARY)
    token = ApiToken.objects.create(owner=specialist, name="т", prefix="a", digest="a", scopes=[], created_at=AT)
    for number, body in enumerate([{"a": [{"number": ticket.pk, "text": CANARY}]}, {"draft": {"text": CANARY}}]):
        Answer.objects.create(token=token, key=str(number), asked="x", status=200, body=body, at=AT)
    brought = Transfer.objects.create(
        kind="requests", source="o", name="o.csv", blob=files.keep(CANARY.encode()), state="done", by=specialist, at=AT,
        done=1, new=1,
    )  # fmt: skip
    TransferLine.objects.create(transfer=brought, place=1, outcome="new", words=CANARY, thing=ticket.pk)
    cases.refresh([ticket.pk])
    month = f"{timezone.localtime(AT):%Y-%m}"
    Export.objects.create(
        user=specialist, scope="x", kind="csv", query={"period": month}, blob=files.keep(CANARY.encode()), asked_at=NOW
    )
    SavedView.objects.create(owner=specialist, name="н", query={"text": f"{CANARY}", "status": "done"}, changed_at=AT)


def his_own(contact: Any, specialist: Any) -> None:
    """What a person leaves by his account."""
    user = contact.user
    Session.objects.create(session_key="k", session_data=CANARY, expire_date=NOW, user_id=user.pk)
    TrustedDevice.objects.create(user=user, digest="d", device=CANARY, created_at=AT, used_at=AT, until=NOW)
    token = ApiToken.objects.create(owner=user, name=CANARY, prefix="b", digest="b", scopes=[], created_at=AT)
    Answer.objects.create(token=token, key="9", asked="x", status=200, body={"x": CANARY}, at=AT)
    Upload.objects.create(owner=user, blob=files.keep(CANARY.encode()), name=CANARY, content_type="text/plain", at=AT)
    one = Provider.objects.create(name="Вход", issuer="https://id.example", client_id="p")
    Identity.objects.create(user=user, provider=one, issuer=one.issuer, subject=CANARY, name=CANARY, linked_at=AT)
    journal.note(token, "added", by=user, at=AT)
    journal.note(user, "changed", by=user, at=AT, full_name=["", CANARY])
    journal.note(contact, "changed", by=specialist, at=AT, name=["", CANARY])
    Notice.objects.create(user=user, key="n", text=CANARY, url="/", at=AT)
    article = Article.objects.create(
        kind="memo", title="Как", author=specialist, created_at=AT, edited_by=specialist, edited_at=AT
    )
    version = Version.objects.create(
        article=article, number=1, title="Как", plain="", by=specialist, at=AT, audience="everyone"
    )
    Vote.objects.create(version=version, user=user, helped=False, text=CANARY, at=AT)
    Asked.objects.create(words=f"письмо {CANARY}", at=AT)
    Export.objects.create(
        of="journal", user=specialist, scope="journal", kind="csv", blob=files.keep(CANARY.encode()), asked_at=NOW
    )
    Outgoing.objects.create(
        key="o", about="works:1", recipient=EMAIL, subject=CANARY, text=CANARY, message_id="<o@x>", created_at=AT
    )


@pytest.mark.parametrize("texts", [True, False])
def test_nothing_of_an_erased_person_is_anywhere(texts: bool) -> None:
    contact = SignedInContactFactory.create(
        name=f"{CANARY} Анна", email=EMAIL, phone=f"+7 {CANARY}", position=CANARY, organisation=CANARY
    )
    ContractFactory.create(customer=contact.customer, starts_on=(AT - timedelta(days=100)).date())
    type(contact.user).objects.filter(pk=contact.user.pk).update(login=EMAIL, email=EMAIL, full_name=f"{CANARY} Анна")
    contact.refresh_from_db()
    specialist, administrator = SpecialistFactory.create(), AdministratorFactory.create()
    ticket = a_request(contact, specialist)
    colleague = SignedInContactFactory.create(customer=contact.customer)
    other = make_ticket(contact=colleague, at=AT, subject="Не его")
    Message.objects.create(
        ticket=other, kind="answer", contact=contact, author_name=contact.name, channel="portal",
        text=CANARY, at=AT, verdict={"from": EMAIL},
    )  # fmt: skip
    if texts:  # without them what was written, by him or to him, stays, and the names in it: that is what was asked
        a_letter(contact)
        beside_it(ticket, contact, specialist)
    his_own(contact, specialist)
    for open_one in Ticket.objects.filter(contact=contact, closed_at=None):
        closing.close(open_one.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW)
    Outgoing.objects.exclude(key="o").update(state=OutgoingState.SENT)
    assert len(found()) > (40 if texts else 20)
    act = forgetting.ask(contact, texts=texts, reason="Требование № 7", by=administrator, at=NOW)
    assert forgetting.carry_out(act, at=NOW, go_on=lambda: True)
    left = found()
    words_stay = {
        "desk_ticket.subject", "desk_ticket.rating_text", "desk_message.text", "desk_attachment.name",
        "desk_ticketfields.values", "desk_ticketsearch.full", "desk_ticketsearch.public", "core_blob.content",
    }  # fmt: skip
    assert set(left) <= (set() if texts else words_stay), left
    assert Vote.objects.get().helped is False and Message.objects.filter(ticket=other, kind="answer").exists()


KEPT = "the desk's own words, codes, or names of the desk's people"
ERASED = "erased with the request or the person"
MACHINE = "the machine's own, without words of people"
WHAT_BECOMES: dict[str, str] = {
    label: fate
    for fate, labels in {
        ERASED: """
            accounts.User accounts.Session accounts.ApiToken accounts.Passkey accounts.TrustedDevice
            accounts.JournalEntry federation.Identity channels.Inbound channels.Outgoing channels.OutgoingFile
            notify.Notice desk.Contact
            desk.Ticket desk.Message desk.Attachment desk.TicketEvent desk.TicketSearch desk.TicketFields desk.Unsent
            desk.UnsentFile desk.BulkRun desk.SavedView works.Answering works.AnswerLine articles.Vote articles.Asked
            hooks.Delivery hooks.Attempt transfer.Transfer transfer.TransferLine api.Answer api.Upload core.Blob
            quality.Export privacy.Extract
        """,
        MACHINE: """
            core.ErasureAct core.ErasureStep core.Volume core.Quarantine accounts.SignInFailure accounts.FactorRule
            accounts.Totp accounts.ContactCode federation.Exchange sms.Sms
            accounts.PrintedCode channels.Mailbox quality.Case articles.Word works.CalendarAddress desk.DeadlineNotice
            desk.TicketLink desk.DryRun desk.Preference
        """,
        KEPT: """
            desk.ProductionDay desk.Calendar desk.CalendarException desk.Customer desk.Contract desk.Subsystem
            desk.Team desk.DutyDay desk.DutyCycle desk.Absence desk.AssignmentRule desk.BulkItem desk.Tag
            desk.FieldDefinition desk.LegalHold desk.Macro works.Work works.WorkEvent articles.Section articles.Article
            articles.ArticleFile articles.Version hooks.Subscription federation.Directory federation.GroupRole
            federation.Provider sms.Gateway
        """,
    }.items()
    for label in labels.split()
}
# Django's and procrastinate's (jobs are given ids), and what is kept of employees, from 1C to their slips: it has a law
# and rooms of its own. A code for a contact (accounts.ContactCode) is gone after a day.
NOT_ASKED = ("auth", "contenttypes", "procrastinate", "people", "exchange", "entry", "payslips", "consents", "demo")
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField, SearchVectorField)


def test_every_table_with_words_says_what_becomes_of_them() -> None:
    worded = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label not in NOT_ASKED
        and any(isinstance(field, WORDS) for field in model._meta.concrete_fields)
    }
    assert worded - set(WHAT_BECOMES) == set()

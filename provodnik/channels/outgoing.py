"""Letters out: a row in the transaction of the fact that asks for it, then tries with growing pauses until it is sent
or dead with a reason (safety I4, F03, F04, F34).

While a letter is being sent a lock of the process is held, no transaction: killed between the server's 250 and our
mark, the letter goes once more under the same Message-ID.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from provodnik.channels.email import Address, Attachment, identity
from provodnik.channels.email.compose import NotComposable, compose
from provodnik.channels.email.mailboxes import domain_of, smtp_account
from provodnik.channels.email.reasons import said
from provodnik.channels.email.smtp import SmtpSession
from provodnik.channels.email.smtp_answers import (
    GIVE_UP_AFTER,
    AccountFailure,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
    next_try,
)
from provodnik.channels.models import Channel, Mailbox, Outgoing, OutgoingFile, OutgoingState
from provodnik.core import files, jobs, scanning
from provodnik.core.locks import Lock, alone
from provodnik.core.models import Blob, Scan
from provodnik.core.secrets import Unreadable, key_for
from provodnik.core.text import one_line, storable
from provodnik.core.timekeeping import come, has_come

ASIDE = 50  # other letters that a job takes along over the same connection
NO_MAILBOX_PAUSE = timedelta(minutes=1)
TOKENS = "mail-tokens"
Listener = Callable[[Outgoing], None]


@dataclass(frozen=True, slots=True)
class File:
    """A file to go with a letter."""

    blob: Blob
    name: str
    content_type: str


def token_key() -> bytes:
    """What our Message-IDs and reply addresses are signed with."""
    return key_for(TOKENS)


def loop_id() -> str:
    """Which installation a letter comes from: the X-Provodnik-Loop of every letter of ours."""
    return key_for("mail-loop").hex()[:24]


def own_domain(mailbox: Mailbox | None) -> str:
    return domain_of(mailbox.address) if mailbox is not None else (urlsplit(settings.BASE_URL).hostname or "localhost")


def message_id_for(*, kind: str, number: int, serial: str, mailbox: Mailbox | None) -> str:
    """A stable, signed Message-ID; `number` 0 for what belongs to no request."""
    return identity.make_message_id(
        key=token_key(), kind=kind, ticket=number, serial=serial, domain=own_domain(mailbox)
    )


def sending_mailbox() -> Mailbox | None:
    """The first mailbox that can send."""
    return Mailbox.objects.filter(is_active=True).exclude(smtp_host="").first()


def send_later(
    *,
    key: str,
    recipient: str,
    subject: str,
    text: str,
    at: datetime,
    message_id: str,
    about: str = "",
    html: str = "",
    mailbox: Mailbox | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    automatic: bool = True,
    attached: Sequence[File] = (),
) -> Outgoing:
    """Have a letter sent, within the caller's transaction. The same `key` again gives the first and changes nothing."""
    with transaction.atomic():
        row, made = Outgoing.objects.get_or_create(
            key=key,
            defaults={
                "channel": Channel.EMAIL,
                "mailbox": mailbox,
                "about": about,
                "recipient": one_line(recipient, 320),
                "subject": one_line(subject, 500),
                "text": storable(text),
                "html": storable(html),
                "message_id": message_id,
                "in_reply_to": in_reply_to,
                "references": " ".join(references),
                "automatic": automatic,
                "created_at": at,
                "next_try_at": at,
            },
        )
        if made:
            OutgoingFile.objects.bulk_create(
                OutgoingFile(outgoing=row, blob=one.blob, name=one.name, content_type=one.content_type)
                for one in attached
            )
            jobs.defer(send, outgoing_id=row.pk)
    return row


@jobs.job(name="channels.send", queue="mail", outside=True)
def send(outgoing_id: int) -> None:
    """Send a letter as soon as its fact is committed."""
    deliver(outgoing_id, now=timezone.now)


def due(now: datetime, mailbox_id: int | None = None, limit: int = 200) -> list[int]:
    """Letters whose turn has come."""
    rows = Outgoing.objects.filter(come("next_try_at", now), state=OutgoingState.PENDING).order_by("next_try_at", "pk")
    if mailbox_id is not None:
        rows = rows.filter(mailbox_id=mailbox_id)
    return list(rows.values_list("pk", flat=True)[:limit])


def deliver(outgoing_id: int, *, now: Callable[[], datetime]) -> None:
    """Send one letter, and what else waits for the same mailbox. What is already sent is left alone."""
    row = Outgoing.objects.filter(pk=outgoing_id, state=OutgoingState.PENDING).first()
    if row is None:
        return
    mailbox = row.mailbox if row.mailbox is not None and row.mailbox.smtp_host else sending_mailbox()
    if mailbox is None:
        _put_off(row, _("No mailbox is set up to send from."), now() + NO_MAILBOX_PAUSE)
        return
    try:
        account = smtp_account(mailbox)
    except Unreadable:
        _put_off(row, said("bad_credentials"), now() + NO_MAILBOX_PAUSE)
        return
    others = [pk for pk in due(now(), row.mailbox_id, ASIDE) if pk != outgoing_id] if row.mailbox_id else []
    with SmtpSession(account) as session:
        for pk in [outgoing_id, *others]:
            if not _deliver_one(pk, mailbox, session, now):
                break


def _deliver_one(pk: int, mailbox: Mailbox, session: SmtpSession, now: Callable[[], datetime]) -> bool:
    """False when the account does not work: the other letters need not be tried now."""
    with alone(Lock.OUTGOING, pk) as mine:
        if not mine:
            return True  # another worker is at it
        row = Outgoing.objects.filter(pk=pk, state=OutgoingState.PENDING).first()
        if row is None or not has_come(row.next_try_at, now()):
            return True
        try:
            letter = composed(row, mailbox)
            session.send(envelope_from=mailbox.address, recipients=[row.recipient], message=letter)
        except (NotComposable, PermanentFailure) as failure:
            _finish(row, now(), dead=_reason(failure))
        except TemporaryFailure as failure:
            _again(row, failure, now())
            if isinstance(failure, AccountFailure):
                _hold_back(row, now())
                return False
        else:
            _finish(row, now())
    return True


def composed(row: Outgoing, mailbox: Mailbox) -> bytes:
    """The bytes of a letter: the same at every try."""
    return compose(
        sender=Address(mailbox.name, mailbox.address),
        to=Address("", row.recipient),
        subject=row.subject,
        text=row.text,
        html=row.html or None,
        message_id=row.message_id,
        loop_id=loop_id(),
        date=row.created_at,
        in_reply_to=row.in_reply_to,
        references=row.references.split(),
        reply_to=row.reply_to,
        auto_submitted="auto-generated" if row.automatic else None,
        attachments=[
            Attachment(one.name, one.content_type, _bytes(one.blob))
            for one in row.files.select_related("blob").order_by("pk")
        ],
    )


def _bytes(blob: Blob) -> bytes:
    """Of an attachment. What an antivirus does not let out leaves by no letter either."""
    if not scanning.may_give(blob):
        if blob.scan == Scan.INFECTED:
            raise PermanentFailure("infected")
        raise TemporaryFailure("not_scanned")
    return files.read(blob)


def _reason(failure: Exception) -> str:
    if not isinstance(failure, SendFailure):
        return said("bad_address")
    words = f"{failure.code} {failure.text}".strip() if failure.code else ""
    return one_line(f"{said(failure.reason)} {words}".strip(), 500)


def _finish(row: Outgoing, at: datetime, *, dead: str = "") -> None:
    """Sent, or dead: written together with what follows from it."""
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=row.pk)
        if row.state != OutgoingState.PENDING:
            return
        row.state = OutgoingState.DEAD if dead else OutgoingState.SENT
        row.error, row.next_try_at = dead, None
        row.attempts += 1
        row.sent_at = None if dead else at
        row.save()
        tell_fate(row)


def _again(row: Outgoing, failure: TemporaryFailure, at: datetime) -> None:
    row.attempts += 1
    when = next_try(row.attempts, now=at, created=row.created_at, jitter=random.random())  # noqa: S311 - not a secret
    if when is None:
        _finish(row, at, dead=_reason(failure))
        return
    if failure.retry_hint is not None:
        when = max(when, at + min(failure.retry_hint, GIVE_UP_AFTER))
    Outgoing.objects.filter(pk=row.pk, state=OutgoingState.PENDING).update(
        attempts=row.attempts, error=_reason(failure), next_try_at=when
    )


def _hold_back(row: Outgoing, at: datetime) -> None:
    """The server is out of service: what waits for it waits as long, so that no worker hangs on it letter by letter."""
    failed = Outgoing.objects.get(pk=row.pk)
    waiting = Outgoing.objects.filter(state=OutgoingState.PENDING, mailbox=row.mailbox, next_try_at__lte=at)
    waiting.exclude(pk=row.pk).update(error=failed.error, next_try_at=failed.next_try_at or at + NO_MAILBOX_PAUSE)


def _put_off(row: Outgoing, reason: str, until: datetime) -> None:
    Outgoing.objects.filter(pk=row.pk, state=OutgoingState.PENDING).update(error=reason, next_try_at=until)


@cache
def _listeners() -> Mapping[str, Listener]:
    """By the first word of `about`: what the parts' front doors name as `extra["letters"]`."""
    found: dict[str, Listener] = {}
    for path in settings.PARTS:
        found |= import_string(path).extra.get("letters", {})
    return found


def tell_fate(row: Outgoing) -> None:
    """Tell the part that asked for a letter what became of it, in the same transaction."""
    listener = _listeners().get(row.about.partition(":")[0])
    if listener is not None:
        listener(row)


def bounced(row: Outgoing, *, reason: str, permanent: bool) -> bool:
    """A delivery report came for a letter. True when it changed something: a sent letter is dead now."""
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=row.pk)
        if row.state == OutgoingState.DEAD:
            return False
        row.error = one_line(reason, 500)
        if permanent:
            row.state, row.next_try_at = OutgoingState.DEAD, None
        row.save()
        if permanent:
            tell_fate(row)
        return permanent

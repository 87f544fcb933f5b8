"""Letters of the desk: what they say, and the headers by which their answers find the way back.

Nothing internal ever stands in them: they are made from public messages of the desk and from facts, never from notes,
and what the requester wrote is not sent round again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.channels import outgoing
from provodnik.channels.models import Inbound, Mailbox, Outgoing
from provodnik.channels.outgoing import File, message_id_for, send_later
from provodnik.core.text import one_line
from provodnik.desk.announce.people import desk_link, request_link
from provodnik.desk.labels import PRIORITIES
from provodnik.desk.models import Message, Ticket, TicketEvent
from provodnik.desk.policies import is_kept_from
from provodnik.ui.text import full_moment

ATTACHED = 10 * 1024 * 1024  # bytes of files that a letter carries; more are looked at in the product
MOSCOW = timedelta(hours=3)  # Federal law 107-FZ, art. 5: UTC+3, and the other zones of Russia are told from it
_EXTERNAL_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>")
_MADE_ID = "@no-message-id.invalid>"


def about(ticket: Ticket | int) -> str:
    """What a letter's fate is told by: desk.announce.fates reads it."""
    return f"ticket:{ticket if isinstance(ticket, int) else ticket.pk}"


def told_moment(moment: datetime) -> str:
    """«23 ноября 2026, 09:12 (МСК+2)»: a reader may live in another zone than the desk, and all count from Moscow."""
    local = timezone.localtime(moment)
    minutes = int(((local.utcoffset() or timedelta()) - MOSCOW).total_seconds() // 60)
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    from_moscow = f"{sign}{hours}{f':{rest:02}' if rest else ''}" if minutes else ""
    zone = _("MSK")
    return f"{full_moment(moment)} ({zone}{from_moscow})"


def to_requester(
    event: TicketEvent,
    kind: str,
    *,
    serial: str = "",
    context: Mapping[str, Any],
    automatic: bool,
    files_of: Message | None = None,
    recipient: str = "",
    template: str = "",
) -> Outgoing | None:
    """Queue a letter to the address in the request, or a copy to another `recipient` who may read of it. None when
    there is none. `serial` tells apart letters about one event; `template`: another kind's words."""
    ticket = event.ticket
    recipient = recipient or ticket.contact_email
    if not recipient:
        return None
    mailbox = mailbox_of(ticket)
    attached, left_out = _attached(files_of)
    words = {
        "ticket": ticket,
        "link": request_link(ticket),
        "files_left_out": left_out,
        "registered": told_moment(ticket.registered_at),
        "due": told_moment(ticket.due_at),
        **context,
    }
    in_reply_to, references = _thread(ticket, mailbox)
    return send_later(
        key=":".join(filter(None, ["desk", kind, str(event.pk), serial])),
        recipient=recipient,
        subject=subject_of(ticket),
        text=_text(template or kind, words),
        html=render_to_string(f"desk/mail/{template or kind}.html", words),
        at=timezone.now(),  # not the fact's: a letter that waited days has its days of trying, and is counted, from now
        message_id=message_id_for(
            kind=kind, number=ticket.pk, serial="-".join(filter(None, [str(event.pk), serial])), mailbox=mailbox
        ),
        about=about(ticket),
        mailbox=mailbox,
        in_reply_to=in_reply_to,
        references=references,
        automatic=automatic,
        attached=attached,
    )


def mailbox_of(ticket: Ticket) -> Mailbox | None:
    """Where the request came, if it can send; else the first that can."""
    own = ticket.mailbox
    return own if own is not None and own.is_active and own.smtp_host else outgoing.sending_mailbox()


def subject_of(ticket: Ticket) -> str:
    """By `[#N]` an answer is recognised when its program drops the other headers."""
    return f"[#{ticket.pk}] {one_line(ticket.subject, 300)}"


def _text(kind: str, words: Mapping[str, Any]) -> str:
    text = render_to_string(f"desk/mail/{kind}.txt", dict(words))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _thread(ticket: Ticket, mailbox: Mailbox | None) -> tuple[str, list[str]]:
    """(In-Reply-To, References): the requester's first and last letters, our last one, and the signed id of the thread,
    which brings an answer home even when it answers to something else."""
    root = message_id_for(kind="thread", number=ticket.pk, serial="0", mailbox=mailbox)
    rows = Message.objects.filter(ticket=ticket, inbound__isnull=False).order_by("at", "pk")
    theirs = [one for one in rows.values_list("inbound__message_id", flat=True)[:50] if _usable(one)]
    ours = Outgoing.objects.filter(about=about(ticket), recipient=ticket.contact_email).order_by("-pk")
    last = ours.values_list("message_id", flat=True).first()
    known = [root, *theirs[:1], *([last] if last else []), *theirs[-1:]]
    return (theirs[-1] if theirs else last or root), list(dict.fromkeys(known))


def _usable(message_id: str) -> bool:
    return bool(_EXTERNAL_ID.fullmatch(message_id)) and not message_id.endswith(_MADE_ID)


def _attached(message: Message | None) -> tuple[Sequence[File], int]:
    """Files to go along, and how many are left out because they are too large together."""
    if message is None:
        return [], 0
    files = list(message.attachments.select_related("blob").order_by("pk"))
    if sum(one.blob.size for one in files) > ATTACHED:
        return [], len(files)
    return [File(one.blob, one.name, one.content_type) for one in files], 0


def alarm(event: TicketEvent, users: Sequence[User]) -> None:
    """An urgent request, by mail to everybody of the desk who has an address."""
    _to_staff("alarm", event, users, _("Urgent: request № %(number)s") % {"number": event.ticket_id})


def escalated(event: TicketEvent, users: Sequence[User], reason: str) -> None:
    """What needs its lead, by mail to him. Number, reason, priority and deadline: nothing of a person, for a letter
    travels outside."""
    subject = _("Request № %(number)s needs you as the lead") % {"number": event.ticket_id}
    priority = dict(PRIORITIES)[event.ticket.priority]
    _to_staff("escalated", event, users, subject, reason=reason, priority=priority)


def _to_staff(kind: str, event: TicketEvent, users: Sequence[User], subject: str, **more: Any) -> None:
    """A letter to people of the desk about a request: one for a fact and a person."""
    ticket = event.ticket
    mailbox = outgoing.sending_mailbox()
    words = {"ticket": ticket, "link": desk_link(ticket), "due": told_moment(ticket.due_at), **more}
    for user in users:
        if user.email and not is_kept_from(user, ticket):
            serial = f"{event.pk}-u{user.pk}"
            send_later(
                key=f"{kind}:{event.pk}:{user.pk}",
                recipient=user.email,
                subject=subject,
                text=_text(kind, words),
                html=render_to_string(f"desk/mail/{kind}.html", words),
                at=timezone.now(),
                message_id=message_id_for(kind=kind, number=0, serial=serial, mailbox=mailbox),
                mailbox=mailbox,
            )


def too_large_letter(row: Inbound, recipient: str, limit: int, now: datetime) -> None:
    """The sender of a letter that was not taken is told so."""
    words = {"subject": row.subject, "limit": limit}
    send_later(
        key=f"too-large:{row.pk}",
        recipient=recipient,
        subject=_("Your letter was too large and was not taken"),
        text=_text("too_large", words),
        html=render_to_string("desk/mail/too_large.html", words),
        at=now,
        message_id=message_id_for(kind="toolarge", number=0, serial=str(row.pk), mailbox=row.mailbox),
        mailbox=row.mailbox,
        in_reply_to=row.message_id if _usable(row.message_id) else "",
    )

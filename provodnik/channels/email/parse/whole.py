"""The whole of a letter, put together from the rooms of this package."""

from collections.abc import Collection

from ..identity import content_hash
from . import addresses, attachments, bodies, bounces, clean, ids, invitations, kinds, limits, quotes, tnef, tree
from . import verdict as verdicts
from .charsets import decode
from .values import Address, Attachment, Invitation, Understood

LOOP_HEADER = "x-provodnik-loop"
_CALENDARS = ("text/calendar", "application/ics", "text/x-vcalendar")


def understand(raw: bytes, *, authserv_ids: Collection[str] = ()) -> Understood:
    """What the letter says. Never raises: what cannot be read is left in the raw letter, with a note.

    `authserv_ids`: names by which our own mail server signs Authentication-Results; without them no verdict.
    """
    try:
        return _understand(raw, authserv_ids)
    except Exception:  # a letter must never be lost to a mistake of ours: it is shown as plain text
        text = clean.text(decode(raw[:65_536])[0], limits.TEXT)
        return Understood(text=text, reply=text, size=len(raw), message_id=made_id(raw), notes=["not_understood"])


def made_id(raw: bytes) -> str:
    """The Message-ID of a letter that has none: the same whenever it is delivered again."""
    return f"<{content_hash(raw)[:40]}@no-message-id.invalid>"


def _understand(raw: bytes, authserv_ids: Collection[str]) -> Understood:
    found = tree.walk(raw)
    headers = found.headers
    notes = list(found.notes)
    senders = _addresses(found, "from", notes) or _addresses(found, "sender", notes)
    sender = next((one for one in senders if one.email), senders[0] if senders else Address())
    if not sender.email:
        notes.append("sender_missing")
    subject = headers.decoded("subject", limits.SUBJECT)
    body, files, cards = _contents(found, notes)
    reply, quoted = quotes.split(body.text)
    kept, cut = attachments.finished(files, body.html)
    given = ids.message_id(headers)
    replied, references = ids.references(headers)
    date, date_text = ids.claimed_date(headers)
    bounce = bounces.read(found, sender, subject, body.text)
    listed = kinds.is_list(headers)
    loops = [clean.line(value, 200) for value in headers.all(LOOP_HEADER)][:20]
    automatic = bool(bounce) or kinds.is_automatic(headers, subject, found.root_type)
    automatic = automatic or kinds.is_daemon(sender.email, "")
    return Understood(
        sender=sender,
        reply_to=_addresses(found, "reply-to", notes),
        to=_addresses(found, "to", notes),
        cc=_addresses(found, "cc", notes),
        subject=subject,
        text=body.text,
        html=body.html,
        blocked_images=body.blocked_images,
        reply=reply,
        quoted=quoted,
        attachments=kept,
        invitations=cards,
        message_id=given or made_id(raw),
        message_id_given=bool(given),
        in_reply_to=replied,
        references=references,
        date=date,
        date_text=date_text,
        is_automatic=automatic,
        is_bounce=bounce is not None,
        is_list=listed,
        may_answer=not (automatic or listed or loops or kinds.is_unanswerable(sender.email)),
        bounce=bounce,
        loop_ids=loops,
        verdict=verdicts.read(headers, authserv_ids, [one.email for one in senders if one.email]),
        notes=list(dict.fromkeys([*notes, *body.notes, *cut])),
        size=len(raw),
    )


def _addresses(found: tree.Tree, name: str, notes: list[str]) -> list[Address]:
    read, remarks = addresses.read(found.headers, name)
    notes += remarks
    return read


def _contents(found: tree.Tree, notes: list[str]) -> tuple[bodies.Body, list[Attachment], list[Invitation]]:
    only = len(found.parts) == 1
    texts = [part for part in found.parts if bodies.is_body(part, only)]
    body = bodies.read(texts)
    files: list[Attachment] = []
    cards: list[Invitation] = []
    chosen = {part.order for part in texts}
    for part in found.parts:
        if part.order in chosen or bodies.is_skipped(part):
            continue
        file = attachments.from_part(part, len(files) + 1)
        if part.type in _CALENDARS or file.name.lower().endswith(".ics"):
            room = limits.INVITATIONS - len(cards)
            cards += invitations.read(file.content, part.params.get("charset", ""), part.params.get("method", ""))[
                :room
            ]
        if part.type == "application/ms-tnef" or tnef.is_tnef(file.content):
            opened = tnef.unpack(file.content)
            if opened is not None:
                _add_opened(opened, body, files, notes)
                continue
            notes.append("winmail_unreadable")
        if file.content or part.file_name:
            files.append(file)
    return body, [*files, *body.files], cards


def _add_opened(opened: tnef.Opened, body: bodies.Body, files: list[Attachment], notes: list[str]) -> None:
    notes.append("winmail_opened")
    files += opened.files
    if not body.text.strip():
        body.text = opened.text
    if not body.html:
        body.html, body.blocked_images = opened.html, opened.blocked_images

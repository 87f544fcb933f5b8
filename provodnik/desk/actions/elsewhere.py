"""Where a person's words and names lie outside his own requests: other people's requests, letters, views, other parts.

Called within a step of the act of his erasure (forgetting.py; docs/adr/0018)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from provodnik.channels.models import Inbound, Outgoing, OutgoingFile, OutgoingState
from provodnik.core import files
from provodnik.core.parts import Whom, parts
from provodnik.desk.actions.erasure import facts_of, others, words_again
from provodnik.desk.models import Attachment, Contact, LegalHold, Message, SavedView, TicketEvent
from provodnik.desk.models.retention import What

SHORTEST_NAME = 4  # letters: a shorter piece of a name is found in too many other words


def words_of(contact: Contact) -> list[str]:
    """What names him, in lower case: the pieces of his name, his addresses, his login."""
    user = contact.user
    names = f"{contact.name} {user.full_name if user is not None else ''}".lower().split()
    addresses = [contact.email, user.email if user is not None else "", user.login if user is not None else ""]
    found = {one for one in names if len(one) >= SHORTEST_NAME} | {one.lower() for one in addresses if one}
    return sorted(found)


def said_in_others(contact: Contact, *, texts: bool) -> set[int]:
    """What he wrote into requests that are not his: his name, and with `texts` his words. Held ones stay whole. Ids of
    bytes that may no longer be needed."""
    held = LegalHold.objects.filter(until__isnull=True).values("ticket")
    free = Message.objects.filter(contact_id=contact.pk).exclude(ticket__contact_id=contact.pk)
    free = free.exclude(ticket__in=held)
    ids, numbers = list(free.values_list("pk", flat=True)), list(free.values_list("ticket_id", flat=True).distinct())
    if not ids:
        return set()
    wanted = frozenset(What) if texts else frozenset({What.NAMES, What.LETTERS})
    blobs = _letters(Inbound.objects.filter(message__in=ids)) | others(numbers, wanted)
    if texts:
        attached = Attachment.objects.filter(message__in=ids)
        blobs |= set(attached.values_list("blob", flat=True))
        attached.delete()
    blank: dict[str, str] = {"text": "", "quoted": "", "html": ""} if texts else {"html": ""}
    facts = TicketEvent.objects.filter(message__in=ids)
    facts_of(facts)
    facts.filter(by__isnull=True).exclude(by_name="").update(by_name="")
    Message.objects.filter(pk__in=ids).update(author_name="", verdict={}, contact=None, **blank)
    words_again(numbers)
    return blobs


@dataclass(frozen=True, slots=True)
class Letters:
    count: int
    blobs: set[int]


def loose_letters(contact: Contact) -> Letters:
    """Letters from him that became no message."""
    if not contact.email:
        return Letters(0, set())
    his = Q(sender__iexact=contact.email) | Q(envelope_from__iexact=contact.email)
    rows = Inbound.objects.filter(his, message__isnull=True)
    return Letters(rows.count(), _letters(rows))


def _letters(rows: QuerySet[Inbound]) -> set[int]:
    """Blank these letters."""
    found = {row.pk: row.raw_id for row in rows}
    Inbound.objects.filter(pk__in=found).update(raw=files.empty(), envelope_from="", sender="", subject="")
    return set(found.values()) - {files.empty().pk}


def letters_to(contact: Contact) -> set[int]:
    """Letters to him, about whatever it was: links into the product, announcements of works, copies. What has not left
    yet does not leave."""
    user = contact.user
    addresses = {one.lower() for one in (contact.email, user.email if user is not None else "") if one}
    if not addresses:
        return set()
    to_him = Q()
    for address in addresses:
        to_him |= Q(recipient__iexact=address)
    ids = list(Outgoing.objects.filter(to_him).values_list("pk", flat=True))
    attached = OutgoingFile.objects.filter(outgoing__in=ids)
    blobs = set(attached.values_list("blob", flat=True))
    attached.delete()
    rows = Outgoing.objects.filter(pk__in=ids)
    rows.filter(state=OutgoingState.PENDING).update(state=OutgoingState.DEAD, next_try_at=None)
    rows.update(recipient="", subject="", text="", html="", reply_to="", references="", error="")
    return blobs


def kept_by_parts(whom: Whom) -> set[int]:
    """What other parts keep of a person: Part.extra["forget"], functions of `Whom` that erase theirs in our transaction
    and return ids of bytes they no longer refer to."""
    forgetting = [forget for part in parts() for forget in part.extra.get("forget", ())]
    return {blob for forget in forgetting for blob in forget(whom)}


def named_by_the_desk(whom: Whom) -> None:
    """Saved searches for him."""
    for view in SavedView.objects.filter(query__has_key="text"):
        asked = str(view.query["text"]).lower()
        if any(word in asked for word in whom.words):
            view.query = {name: value for name, value in view.query.items() if name != "text"}
            view.save(update_fields=["query"])

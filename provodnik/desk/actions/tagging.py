"""Tags on requests, and the list of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.desk import policies
from provodnik.desk.actions.base import changing, in_order, record, settle
from provodnik.desk.models import EventKind, Tag, Ticket, TicketTag
from provodnik.desk.models.marks import LONGEST_TAG

MOST_TAGS = 20  # on one request
MOST_KNOWN = 1000  # in the list


def clean(names: Iterable[str]) -> list[str]:
    """Names as they are kept: one line each, without a leading #, no name twice. Raises Refused when one is too long
    or there are too many."""
    found: dict[str, str] = {}
    for name in names:
        word = " ".join(one_line(name, 1000).replace(",", " ").split()).lstrip("#").strip()
        if len(word) > LONGEST_TAG:
            raise Refused(_("A tag has at most %(n)d characters.") % {"n": LONGEST_TAG}, field="tags")
        if word:
            found.setdefault(word.lower(), word)
    if len(found) > MOST_TAGS:
        raise Refused(_("At most %(n)d tags on one request.") % {"n": MOST_TAGS}, field="tags")
    return list(found.values())


def named(names: Iterable[str]) -> list[Tag]:
    """Tags of these names; a new word becomes a tag at once. In the order of their names in the alphabet."""
    wanted = {name.lower(): name for name in clean(names)}
    if not wanted:
        return []
    known = {tag.name.lower(): tag for tag in Tag.objects.all()}  # MOST_KNOWN at most, and PostgreSQL's lower() may
    for low, name in wanted.items():  # know fewer letters than Python's
        if low not in known:
            known[low] = _new(name, len(known))
    return sorted((known[low] for low in wanted), key=lambda tag: tag.name.lower())


def _new(name: str, count: int) -> Tag:
    if count >= MOST_KNOWN:
        raise Refused(_("There are too many tags already. Choose one that is there."), field="tags")
    try:
        with transaction.atomic():
            return Tag.objects.create(name=name)
    except IntegrityError:
        return Tag.objects.get(name__iexact=name)  # somebody else was first


def set_tags(number: int, *, names: Sequence[str], by: User, at: datetime) -> Ticket:
    """Exactly these tags."""
    with changing(number) as ticket:
        require(policies.may_work(by))
        wanted = {tag.pk: tag for tag in named(names)}
        has = set(TicketTag.objects.filter(ticket=ticket).values_list("tag_id", flat=True))
        _change(ticket, add=[pk for pk in wanted if pk not in has], remove=has - set(wanted), by=by, at=at)
        return ticket


def change_tags(
    number: int, *, add: Collection[int] = (), remove: Collection[int] = (), by: User, at: datetime
) -> tuple[list[int], list[int]]:
    """Put tags on and take tags off, by their ids. Returns what was really put on and taken off."""
    with changing(number) as ticket:
        require(policies.may_work(by))
        has = set(TicketTag.objects.filter(ticket=ticket).values_list("tag_id", flat=True))
        added, removed = [pk for pk in add if pk not in has], [pk for pk in remove if pk in has]
        if len(has) + len(added) - len(removed) > MOST_TAGS:
            raise Refused(_("At most %(n)d tags on one request.") % {"n": MOST_TAGS}, field="tags")
        _change(ticket, add=added, remove=removed, by=by, at=at)
        return added, removed


def _change(ticket: Ticket, *, add: Collection[int], remove: Collection[int], by: User, at: datetime) -> None:
    if not add and not remove:
        return
    names = dict(Tag.objects.filter(pk__in=[*add, *remove]).values_list("pk", "name"))
    TicketTag.objects.filter(ticket=ticket, tag__in=remove).delete()
    TicketTag.objects.bulk_create(TicketTag(ticket=ticket, tag_id=pk) for pk in add if pk in names)
    at = in_order(ticket, at)
    record(
        ticket,
        EventKind.TAGGED,
        at=at,
        by=by,
        added=[names[pk] for pk in add if pk in names],
        removed=[names[pk] for pk in remove if pk in names],
    )
    settle(ticket, at=at)


def save_tag(tag: Tag, *, by: User, at: datetime) -> Tag:
    """An administrator names a tag anew, or no longer offers it."""
    require(policies.may_administer(by))
    names = clean([tag.name])
    if not names:
        raise Refused(_("Give it a name."), field="name")
    tag.name = names[0]
    others = Tag.objects.exclude(pk=tag.pk) if tag.pk else Tag.objects.all()
    if any(other.lower() == tag.name.lower() for other in others.values_list("name", flat=True)):
        raise Refused(_("There is such a tag already."), field="name")
    return journal.keep(tag, by=by, at=at)


def remove_tag(tag: Tag, *, by: User, at: datetime) -> None:
    """A tag that nobody needs is taken off all requests and goes; their histories keep its name."""
    require(policies.may_administer(by))
    journal.remove(tag, by=by, at=at)

"""The directory's lines: written anew whenever what stands in them changes. A cache: `relist_all` makes it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from provodnik.people.models import DirectoryWord, Employment, Entry
from provodnik.people.names import LONGEST_WORD, document, sort_key

AT_ONCE = 1000
_paused: ContextVar[bool] = ContextVar("people_listing_paused", default=False)


@contextmanager
def paused() -> Iterator[None]:
    """Meanwhile nothing is listed: for a first load, which calls `relist_all` when it is through."""
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def relist(**which: Any) -> None:
    """Write the lines of these employments (a condition on Employment, with lists of ids)."""
    if _paused.get() or any(value == [] for value in which.values()):
        return
    _relist(list(Employment.objects.filter(**which).order_by("pk").values_list("pk", flat=True)))


def relist_all() -> int:
    """Write every line anew, and forget words that no line holds. Returns how many lines there are."""
    pks = list(Employment.objects.order_by("pk").values_list("pk", flat=True))
    DirectoryWord.objects.all().delete()
    _relist(pks)
    return len(pks)


def _relist(pks: list[int]) -> None:
    for start in range(0, len(pks), AT_ONCE):
        chosen = Employment.objects.filter(pk__in=pks[start : start + AT_ONCE])
        entries = [_entry(one) for one in chosen.select_related("person", "organisation", "unit", "position")]
        Entry.objects.bulk_create(
            entries,
            update_conflicts=True,
            unique_fields=["employment"],
            update_fields=["person", "organisation", "unit", "sort_key", "document", "starts_on", "ends_on"],
        )
        words = {word for entry in entries for word in entry.document.split() if not word.startswith("#")}
        DirectoryWord.objects.bulk_create(
            [DirectoryWord(word=word[:LONGEST_WORD]) for word in sorted(words)], ignore_conflicts=True
        )


def _entry(one: Employment) -> Entry:
    person = one.person
    return Entry(
        employment=one,
        person=person,
        organisation_id=one.organisation_id,
        unit_id=one.unit_id,
        sort_key=sort_key(person.surname, person.first_name, person.patronymic),
        document=document(
            [
                person.full_name,
                one.position.name if one.position else "",
                one.unit.name if one.unit else "",
                one.organisation.short_name or one.organisation.name,
                person.room,
            ],
            [person.work_phone],
        ),
        starts_on=one.starts_on,
        ends_on=one.ends_on,
    )

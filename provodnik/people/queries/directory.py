"""The directory: pages by key, and search that forgives slips, Ё and the other keyboard layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from provodnik.accounts.models import User
from provodnik.core.slips import forgiven, nearest
from provodnik.people import names
from provodnik.people.models import DirectoryWord, Entry, Organisation, Unit
from provodnik.people.policies import open_organisations, visible_entries
from provodnik.people.presence import Away
from provodnik.people.queries.states import who_is_away

SHOWN = 50
NEAR = 40  # words that are looked at for one slip
_ALIKE = 0.2  # trigrams in common by which a word is looked at; the distance decides

_WORDS_NEAR = """
SELECT word FROM people_directoryword WHERE word %% %s OR word LIKE %s
ORDER BY similarity(word, %s) DESC, word LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: a person at one place of work. `away` None: at work."""

    person: int
    employment: int
    name: str
    position: str
    unit: str
    unit_id: int | None
    organisation: str
    phone: str
    away: Away | None


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: key of the next page, None on the last. `instead`: the words that were searched for, where they are not
    quite those that were typed."""

    rows: list[Row]
    after: int | None = None
    instead: str = ""


def page(
    user: User,
    *,
    now: datetime,
    on: date,
    typed: str = "",
    organisation: int | None = None,
    unit: int | None = None,
    after: int | None = None,
    houses: Sequence[int] | None = None,
) -> Page:
    """A page of what the person sees, by name. `unit`: with all units under it. `houses`: ids of the organisations that
    are open to him, where the caller has read them already (policies.open_organisations)."""
    entries = visible_entries(user, on=on, houses=houses)
    if organisation is not None:
        entries = entries.filter(organisation_id=organisation)
    if unit is not None:
        entries = entries.filter(unit__in=Unit.objects.filter(path__contains=[unit]).values("pk"))
    if not typed.strip():
        return _page(entries, after, now, "")
    for found, words, instead in _found(entries, typed):
        read = _page(found, after, now, instead, words[:1])
        if read.rows:
            return read
    return Page([])


def people_of(user: User, unit: int, *, now: datetime, on: date, after: int | None = None) -> Page:
    """A page of who works in a unit itself, not in those under it."""
    return _page(visible_entries(user, on=on).filter(unit_id=unit), after, now, "")


# What a line shows: read as plain values, for a page of models of five tables costs more than its search.
_READ = (
    "pk",
    "person_id",
    "person__surname",
    "person__first_name",
    "person__patronymic",
    "person__work_phone",
    "employment__position__name",
    "unit_id",
    "unit__name",
    "organisation__short_name",
    "organisation__name",
    "organisation__zone",
)


def _page(entries: QuerySet[Entry], after: int | None, now: datetime, instead: str, first: Sequence[str] = ()) -> Page:
    """By name; who is called like the first word that was typed stands before those whose unit or position is."""
    chosen: list[tuple[Any, ...]] = []
    for part in _behind(_parts(entries, first), after):
        if len(chosen) <= SHOWN:
            chosen += part.order_by("sort_key", "pk").values_list(*_READ)[: SHOWN + 1 - len(chosen)]
    more, chosen = len(chosen) > SHOWN, chosen[:SHOWN]
    return Page(_rows(chosen, now), chosen[-1][0] if more else None, instead)


def _parts(entries: QuerySet[Entry], first: Sequence[str]) -> list[QuerySet[Entry]]:
    """One after another, and not one ordered by a rank: a word that half of the directory has (the name of the
    organisation) would have all of them sorted for one page."""
    if not first:
        return [entries]
    called = Q(sort_key__startswith=first[0]) | Q(sort_key__contains=f" {first[0]}")
    return [entries.filter(called), entries.exclude(called)]


def _behind(parts: list[QuerySet[Entry]], after: int | None) -> list[QuerySet[Entry]]:
    """What comes after a line; nothing after one that is not there."""
    if after is None:
        return parts
    for number, part in enumerate(parts):
        key = part.filter(pk=after).values_list("sort_key", flat=True).first()
        if key is not None:
            rest = (Q(sort_key__gt=key) | Q(pk__gt=after)) & Q(sort_key__gte=key)
            return [part.filter(rest), *parts[number + 1 :]]
    return []


def _rows(chosen: Sequence[tuple[Any, ...]], now: datetime) -> list[Row]:
    away = who_is_away({line[0]: line[-1] for line in chosen}, now)
    return [
        Row(
            person=person,
            employment=pk,
            name=" ".join(part for part in (surname, first_name, patronymic) if part),
            position=position or "",
            unit=unit or "",
            unit_id=unit_id,
            organisation=short_name or name,
            phone=phone,
            away=away.get(pk),
        )
        for (
            pk, person, surname, first_name, patronymic, phone, position, unit_id, unit, short_name, name, _zone,
        ) in chosen
    ]  # fmt: skip


def _found(entries: QuerySet[Entry], typed: str) -> Iterator[tuple[QuerySet[Entry], list[str], str]]:
    """Lines that have all the words, as typed; else read in the other layout; else with slips set right. Each is asked
    for only when the one before it has found nobody."""
    if names.is_phone(typed):
        yield entries.filter(document__contains=names.digits(typed)), [], ""
        return
    readings = names.readings(typed)
    for number, words in enumerate(readings):
        as_typed = number == 0 and words == names.words_in(typed)[: names.MOST_WORDS]
        yield entries.filter(_all(words)), words, "" if as_typed else " ".join(words)
    for words in readings:
        right = [_set_right(word) for word in words]
        if right != words and all(right):
            yield entries.filter(_all(right)), right, " ".join(right)


def _all(words: Sequence[str]) -> Q:
    condition = Q()
    for word in words:
        condition &= Q(document__contains=f" {word}")  # each word of a document stands behind a space
    return condition


def _set_right(word: str) -> str:
    """A word of the directory that was probably meant: itself, if one begins so; "" for none."""
    if DirectoryWord.objects.filter(word__startswith=word).exists():
        return word
    if not forgiven(len(word)):
        return ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(_ALIKE)])
        cursor.execute(_WORDS_NEAR, [word, f"{word[:2]}%", word, NEAR])
        known = [(row[0], row[0]) for row in cursor.fetchall()]
    return nearest(word, known) or nearest(word, [(one[: len(word)], one) for one, _same in known])


MOST_HOUSES = 30


def choices(user: User, *, on: date) -> tuple[list[Organisation], list[int]]:
    """Organisations in use whose people somebody finds, for the chips; ids of all that are open to him. One
    statement."""
    found = list(open_organisations(user, on=on).order_by("name", "pk"))
    return [one for one in found if one.is_active][:MOST_HOUSES], [one.pk for one in found]

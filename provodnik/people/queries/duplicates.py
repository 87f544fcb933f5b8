"""Who may be one human written down twice: the same SNILS, or the same name and date of birth."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from provodnik.people.models import Person

SHOWN = 50
# Names as a person types them: letters of any size, Ё as Е. SNILS that differ say that they are two people.
_PAIRS = """
WITH ours AS (
    SELECT DISTINCT person_id AS id FROM people_employment WHERE organisation_id = ANY (%(houses)s)
), known AS (
    SELECT p.id, p.birth_date, p.snils_digest,
        translate(lower(p.surname || ' ' || p.first_name || ' ' || p.patronymic), 'ё', 'е') AS name
    FROM people_person p JOIN ours USING (id)
)
SELECT a.id, b.id, a.snils_digest <> '' AND a.snils_digest = b.snils_digest
FROM known a JOIN known b ON b.id > a.id AND (
    a.birth_date = b.birth_date AND a.name = b.name
    AND (a.snils_digest = '' OR b.snils_digest = '' OR a.snils_digest = b.snils_digest)
)
WHERE a.id > %(after)s ORDER BY a.id, b.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """`by_snils`: they have the same; else name and date of birth are the same."""

    one: Person
    other: Person
    by_snils: bool


@dataclass(frozen=True, slots=True)
class Found:
    pairs: list[Pair]
    after: int | None


def pairs(houses: list[int], after: int = 0) -> Found:
    """Of people who work or worked in these organisations, by the id of the first of each pair."""
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"houses": houses, "after": after, "limit": SHOWN + 1})
        rows = cursor.fetchall()
    people = Person.objects.in_bulk({pk for row in rows for pk in row[:2]})
    found = [Pair(people[one], people[other], bool(same)) for one, other, same in rows[:SHOWN]]
    return Found(found, rows[SHOWN - 1][0] if len(rows) > SHOWN else None)

"""What a file is made of: its columns, what is said about it, its rows in batches, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts.models import JournalEntry, User
from provodnik.desk import journal_words
from provodnik.desk.forms.journal import JournalForm
from provodnik.desk.models import Customer
from provodnik.desk.queries import journal as entries
from provodnik.quality.models import Export
from provodnik.quality.policies import scope_of
from provodnik.quality.queries import exports as queries
from provodnik.quality.queries.filters import Filters
from provodnik.quality.sheets.columns import Column, Kind, Values, about, columns
from provodnik.ui.text import full_moment

JOURNAL_COLUMNS = (
    Column(gettext_lazy("When"), "at", Kind.MOMENT, 17),
    Column(gettext_lazy("Who"), "by", width=32),
    Column(gettext_lazy("What"), "text", width=60),
    Column(gettext_lazy("Changes"), "changes", width=60),
    Column(gettext_lazy("Number"), "ticket", Kind.WHOLE, 10),
    Column(gettext_lazy("Customer"), "customer", width=28),
)


@dataclass(frozen=True, slots=True)
class Source:
    """`name`: of the sheet; `told`: the lines that say what the file is of; `batches`: rows of typed values."""

    name: str
    columns: Sequence[Column]
    told: list[tuple[str, str]]
    total: int
    batches: Iterator[Sequence[Sequence[Any]]]


def requests(export: Export, user: User) -> Source:
    """Requests of a period with their figures, as far as this person may see them."""
    scope = scope_of(user)
    assert scope is not None  # asked by policies.may_have a moment ago
    filters = Filters.read(export.query, scope, today=timezone.localdate(export.asked_at))
    found, chosen = queries.rows(filters, scope), columns(scope)
    told = about(filters.period.label(), queries.described(filters, scope), full_moment(export.asked_at))
    return Source(_("Requests"), chosen, told, found.count(), _values(Values(chosen), queries.batches(found, chosen)))


def _values(values: Values, batches: Iterator[Sequence[Sequence[Any]]]) -> Iterator[Sequence[Sequence[Any]]]:
    for batch in batches:
        yield [values.row(row) for row in batch]


def journal(export: Export, user: User) -> Source:
    """Who did what and who looked: the lines that were there when the file was asked for."""
    form = JournalForm(export.query)
    rows = entries.entries(form.filters()).filter(at__lt=export.asked_at)
    told = [*form.described(), (_("Put together"), full_moment(export.asked_at))]
    customers = {one.pk: str(one) for one in Customer.objects.all()}
    values = Values(JOURNAL_COLUMNS)
    batches = ([values.row(_line(row, customers)) for row in batch] for batch in entries.batches(rows))
    return Source(_("Journal"), JOURNAL_COLUMNS, told, rows.count(), batches)


def _line(row: JournalEntry, customers: dict[int, str]) -> list[Any]:
    line = journal_words.told(row)
    changes = "; ".join(f"{name}: {old} → {new}" for name, old, new in line.changes)
    who = (row.by.full_name or row.by.login) if row.by is not None else _("The system")
    return [row.at, who, line.text, changes, row.ticket, customers.get(row.customer or 0, "")]

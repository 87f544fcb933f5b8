"""Files made before a lawful erasure hold what was erased: they go with it (docs/adr/0018). Who needs one makes it
anew."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from provodnik.core.parts import Whom
from provodnik.quality import periods
from provodnik.quality.models import Case, Export


def erase(numbers: list[int], kinds: frozenset[str]) -> list[int]:
    """Tables of the periods in which these requests were registered or closed."""
    if not kinds & {"texts", "names"}:
        return []
    told = Case.objects.filter(pk__in=numbers).values_list("registered_month", "closed_month")
    months = {month for pair in told for month in pair if month is not None}
    found = Export.objects.filter(of=Export.Of.REQUESTS)
    return _thrown_away(found.filter(pk__in=[one.pk for one in found.only("query", "asked_at") if _of(one, months)]))


def _of(export: Export, months: set[date]) -> bool:
    asked = periods.read(str(export.query.get("period", "")))
    period = asked or periods.last_whole_month(timezone.localdate(export.asked_at))
    return not months.isdisjoint(period.all_months())


def forget(whom: Whom) -> list[int]:
    """The person's own files; those of the journal, which tells names."""
    bytes_of = _thrown_away(Export.objects.filter(of=Export.Of.JOURNAL))
    return bytes_of + (_thrown_away(Export.objects.filter(user=whom.user)) if whom.user is not None else [])


def _thrown_away(found: QuerySet[Export]) -> list[int]:
    rows = list(found.values_list("pk", "blob"))
    Export.objects.filter(pk__in=[pk for pk, _blob in rows]).delete()
    return [blob for _pk, blob in rows if blob is not None]

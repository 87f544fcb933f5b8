"""What works keep of requests and lose by a lawful erasure (docs/adr/0018)."""

from __future__ import annotations

from provodnik.works.models import Answering, AnswerLine


def erase(numbers: list[int], kinds: frozenset[str]) -> list[int]:
    """The common answer to requests whose texts go is one of these texts; one that is still being given stays until
    it is through: every request has its own copy."""
    if "texts" in kinds:
        lines = AnswerLine.objects.filter(ticket__in=numbers)
        Answering.objects.filter(pk__in=lines.values("answering"), done_at__isnull=False).update(text="")
        lines.exclude(reason="").update(reason="")
    return []

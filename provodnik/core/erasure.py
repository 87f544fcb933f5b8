"""Acts of lawful erasure: the only place that writes their steps, and so the only one that opens the door of the tables
that are written once (docs/adr/0018). A test reads the sources and holds us to it.

An erasure is done in bounded steps, each one transaction: what it blanks and the line that says so are committed
together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from provodnik.core.models import ErasureAct

Line = dict[str, Any]
_OPEN = "INSERT INTO core_erasurestep (act_id, scope, lines, at, txid) VALUES (%s, %s, '[]', now(), 0) RETURNING id"
_WRITE = "UPDATE core_erasurestep SET lines = %s WHERE id = %s"


def begin(
    kind: ErasureAct.Kind, *, at: datetime, by: int | None = None, reason: str = "", total: int = 0, **asked: Any
) -> ErasureAct:
    """A new act. `asked`: by which rule, of what; no personal data, for an act is kept."""
    return ErasureAct.objects.create(kind=kind, by=by, reason=reason, asked=asked, total=total, begun_at=at)


@contextmanager
def step(act: ErasureAct) -> Iterator[list[Line]]:
    """One transaction in which the act's scope may be erased. The block appends a line for each thing: {"n": number of
    things it stands for, "counts": {kind: how many}, …}; the act's own figures grow by them."""
    with transaction.atomic(), connection.cursor() as cursor:
        held = ErasureAct.objects.select_for_update().get(pk=act.pk)
        cursor.execute(_OPEN, [act.pk, act.kind])
        number = cursor.fetchone()[0]
        lines: list[Line] = []
        yield lines
        if not lines:
            transaction.set_rollback(True)
            return
        cursor.execute(_WRITE, [_json(lines), number])
        for line in lines:
            held.done += int(line.get("n", 1))
            add(held.counts, line.get("counts", {}))
        held.save(update_fields=["done", "counts"])
    act.done, act.counts = held.done, held.counts


def _json(lines: list[Line]) -> Any:
    return connection.ops.adapt_json_value(lines, None)


def add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        if count:
            counts[name] = counts.get(name, 0) + count


def end(act: ErasureAct, *, at: datetime, failed: bool = False) -> None:
    """The act is over. One that erased nothing leaves nothing behind, unless somebody asked for it by hand."""
    act.state = ErasureAct.State.FAILED if failed else ErasureAct.State.DONE
    act.ended_at = at
    if not act.done and not failed and act.by is None:
        act.delete()
        return
    act.save(update_fields=["state", "ended_at"])

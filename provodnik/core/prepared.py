"""Reads that come with every page, as statements which the server keeps prepared.

Planning a page of the queue costs PostgreSQL three times what running it costs, and writing its SQL costs us as much
again. Such a statement is written once for a process and planned once for a connection. Django itself binds values on
its own side, so the server plans each statement anew; a cursor that binds at the server is made here beside Django's,
through the same wrappers (counting, errors, transactions).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import Field, JSONField, Model, QuerySet
from psycopg import sql as composing

Row = TypeVar("Row", bound=Model)


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Values and answers in binary: the server parses no text, and moments are read without Python's help."""

    def execute(self, query: Any, params: Any = None, **_more: Any) -> Any:
        done = super().execute(query, params, prepare=settings.DATABASE_PREPARED, binary=True)
        if connection.queries_logged:
            self._query = self._convert_query(query, params)  # where Django's log looks for what was asked
        return done


def fetch(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a read. `sql` is one of few texts of ours, the values are its %s: each text is prepared once."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursor: Any = _Prepared(connection.connection)
    logged = connection.queries_logged
    with connection.make_debug_cursor(cursor) if logged else connection.make_cursor(cursor) as wrapped:
        wrapped.execute(sql, values)
        rows: list[tuple[Any, ...]] = wrapped.fetchall()
        return rows


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with a %s for each of `slots`, by their names. Everything else stands in it as a literal, so that the plan
    may lean on it (a partial index serves `status IN ('created', …)`, never `status IN ($1, …)`)."""

    sql: str
    slots: tuple[str, ...]

    def fetch(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows, with these values in the slots."""
        return fetch(self.sql, [values[slot] for slot in self.slots])


def written(queryset: QuerySet[Any, Any], names: Mapping[Any, str]) -> Statement:
    """The statement of a queryset that was made with stand-ins for what differs from time to time: `names` says which
    slot each stand-in is. A stand-in must be a value that occurs nowhere else."""
    sql, parameters = queryset.query.sql_with_params()
    return of_sql(sql, parameters, names)


def of_sql(sql: str, parameters: Iterable[Any], names: Mapping[Any, str]) -> Statement:
    """The same for SQL with its parameters."""
    connection.ensure_connection()
    slots: list[str] = []
    pieces: list[str] = []
    for value in parameters:
        name = names.get(value) if value.__hash__ is not None else None
        if name is None:
            pieces.append(composing.Literal(value).as_string(connection.connection).replace("%", "%%"))
        else:
            slots.append(name)
            pieces.append("%s")
    # what was an escaped per cent sign is one still: psycopg reads the text as Django would
    return Statement(sql.replace("%%", "%%%%") % tuple(pieces), tuple(slots))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Columns of one model in the answer, `key` the place of its primary key among them; `relation` is "" for the model
    that was asked for, else the way to it from there («contract__calendar»)."""

    relation: str
    model: type[Model]
    columns: tuple[str, ...]
    key: int


@dataclass(frozen=True, slots=True)
class Reading(Generic[Row]):
    """A statement whose rows are instances of a model, with the relations and annotations that were asked for."""

    statement: Statement
    pieces: tuple[_Piece, ...]
    extra: tuple[str, ...] = ()

    def first(self, values: Mapping[str, Any]) -> Row | None:
        """The first row, None when there is none."""
        rows = self.statement.fetch(values)
        return self._made(rows[0]) if rows else None

    def all(self, values: Mapping[str, Any]) -> list[Row]:
        """All rows."""
        return [self._made(row) for row in self.statement.fetch(values)]

    def _made(self, row: tuple[Any, ...]) -> Row:
        made: dict[str, Model | None] = {}
        place = 0
        for piece in self.pieces:
            values = row[place : place + len(piece.columns)]
            place += len(piece.columns)
            there = values[piece.key] is not None
            one = made[piece.relation] = piece.model.from_db("default", piece.columns, values) if there else None
            parent, _way, name = piece.relation.rpartition("__")
            if name and (owner := made[parent]) is not None:
                owner._state.fields_cache[name] = one
        whole = made[""]
        assert whole is not None
        for name, value in zip(self.extra, row[place:], strict=True):
            setattr(whole, name, value)
        return whole  # type: ignore[return-value]


def reading(
    queryset: QuerySet[Row],
    names: Mapping[Any, str],
    related: Sequence[str] = (),
    *,
    extra: Sequence[str] = (),
    without: Collection[str] = (),
) -> Reading[Row]:
    """The reading of a queryset made with stand-ins (see `written`): with these single relations of its model (a
    relation's own after it: «contract», «contract__calendar»), these annotations, and `without` these columns («html»,
    «blob__content»), which are read when they are asked for."""
    pieces = [_piece("", queryset.model, without)]
    models: dict[str, Any] = {"": queryset.model}
    for relation in related:
        parent, _way, name = relation.rpartition("__")
        models[relation] = models[parent]._meta.get_field(name).related_model
        pieces.append(_piece(relation, models[relation], without))
    columns = [f"{piece.relation}__{name}" if piece.relation else name for piece in pieces for name in piece.columns]
    return Reading(written(queryset.values_list(*columns, *extra), names), tuple(pieces), tuple(extra))


def _piece(relation: str, model: Any, without: Collection[str]) -> _Piece:
    way = f"{relation}__" if relation else ""
    fields: list[Field[Any, Any]] = [one for one in model._meta.concrete_fields if way + one.name not in without]
    # what Django would convert after reading, this would hand over raw; JSON comes as its value in binary
    strange = [field.name for field in fields if hasattr(field, "from_db_value") and not isinstance(field, JSONField)]
    assert not strange, f"{model.__name__} has fields that are converted: {strange}"
    columns = tuple(field.attname for field in fields)  # in the order that Model.from_db wants
    return _Piece(relation, model, columns, columns.index(model._meta.pk.attname))

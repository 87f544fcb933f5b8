"""Whether the previous Z can live with the tables of this one (R2: Z is an urgent fix; safety F51, F53).

The new release of a fix runs beside the old one for some moments, and the old one must be able to come back. So its
migrations may only add: what the old code does not name must not be in its way. Everything else is refused by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Migrations = Mapping[str, Mapping[str, str]]  # app → {name: sha256 of its file}
STATE_ALONE = (operations.AlterModelOptions, operations.AlterModelManagers)


def loaded() -> MigrationLoader:
    """All migrations of all parts, read from their files; no database is asked."""
    return MigrationLoader(None)


def migrations_of(loader: MigrationLoader) -> dict[str, dict[str, str]]:
    """What a release declares."""
    found: dict[str, dict[str, str]] = {}
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        found.setdefault(app, {})[name] = _digest(migration)
    return found


def _digest(migration: Migration) -> str:
    module = __import__(type(migration).__module__, fromlist=["Migration"])
    return hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()


def last_of(loader: MigrationLoader) -> dict[str, str]:
    """Part → its last migration, for release.json."""
    return dict(sorted(loader.graph.leaf_nodes()))


def rewritten(previous: Migrations, now: Migrations) -> list[str]:
    """Migrations of a release that are not what they were: an installation has them behind it already."""
    return [
        f"{app}.{name}"
        for app, names in sorted(previous.items())
        for name, digest in sorted(names.items())
        if now.get(app, {}).get(name) != digest
    ]


def not_additive(loader: MigrationLoader, previous: Migrations) -> list[str]:
    """What of the new migrations the previous Z cannot live with: "part.migration: why"."""
    plan = loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True)
    known = [key for key in plan if key[1] in previous.get(key[0], {})]
    state = loader.project_state(known, at_end=True) if known else ProjectState()
    fresh: set[tuple[str, str]] = set()
    found = []
    for app, name in (key for key in plan if key not in set(known)):
        for operation in flat(loader.graph.nodes[app, name].operations):
            why = judge(operation, app, state, fresh)
            if why:
                found.append(f"{app}.{name}: {why}")
            operation.state_forwards(app, state)
    return found


def flat(found: Sequence[Operation]) -> Iterator[Operation]:
    """Operations that touch the database; those that only tell Django of it are no change."""
    for operation in found:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from flat(operation.database_operations)
        else:
            yield operation


def judge(operation: Operation, app: str, state: ProjectState, fresh: set[tuple[str, str]]) -> str:
    """Why the previous Z cannot live with it; "" when it can. `fresh`: models that it does not know, added to here."""
    if isinstance(operation, STATE_ALONE):
        return ""
    if isinstance(operation, operations.CreateModel):
        fresh.add((app, operation.name_lower))
        model = (app, operation.name_lower)
        return _first(_of_key(app, field, model, fresh) for _name, field in operation.fields)
    model = (app, str(getattr(operation, "model_name_lower", "")))
    if isinstance(operation, operations.AddField):
        return _of_key(app, operation.field, model, fresh) or ("" if model in fresh else _of_column(operation))
    if model in fresh or isinstance(operation, AddIndexConcurrently):
        return ""
    if isinstance(operation, operations.AddIndex):
        return "индекс строят с AddIndexConcurrently: иначе на это время таблица закрыта для записи"
    if isinstance(operation, operations.AlterField):
        return "" if _is_the_same(operation, app, state) else f"столбец {operation.name} меняется"
    return f"{type(operation).__name__} — не добавление"


def _of_column(operation: operations.AddField) -> str:
    field = operation.field
    if field.many_to_many or field.null:
        return ""
    if field.has_db_default() and not field.unique and not field.generated:
        return ""
    return f"столбец {operation.name} без null и без db_default: прежний выпуск не сможет вставить строку"


def _of_key(app: str, field: models.Field[Any, Any], model: tuple[str, str], fresh: set[tuple[str, str]]) -> str:
    """A foreign key keeps the row it points at from being deleted by code that knows nothing of it."""
    if isinstance(field, models.ManyToManyField):
        ends = [_pointed(app, field), model] if field.remote_field.db_constraint else []
    elif isinstance(field, models.ForeignKey):
        ends = [_pointed(app, field)] if field.db_constraint else []  # type: ignore[attr-defined]
    else:
        return ""
    for end in ends:
        if end not in fresh and end != (app, "self"):
            pointed = ".".join(end)
            return f"внешний ключ на {pointed} без db_constraint=False: прежний выпуск не сможет удалить такую строку"
    return ""


def _pointed(app: str, field: models.Field[Any, Any]) -> tuple[str, str]:
    target: Any = field.remote_field.model  # type: ignore[union-attr]
    label = target if isinstance(target, str) else target._meta.label
    part, _dot, name = label.lower().rpartition(".")
    return part or app, name


def _is_the_same(operation: operations.AlterField, app: str, state: ProjectState) -> bool:
    """Whether the database sees no difference: new words, choices or a default of Python."""
    before = state.clone()
    old = before.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    operation.state_forwards(app, before)
    new = before.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
    return not connection.schema_editor()._field_should_be_altered(old, new, ignore={"default"})  # type: ignore[attr-defined]


def _first(reasons: Iterator[str]) -> str:
    return next((reason for reason in reasons if reason), "")

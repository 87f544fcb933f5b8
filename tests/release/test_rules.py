"""What may be released, and what a fix may change (R2)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import models
from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from provodnik.core.versions import read_version
from release import history, schema
from release.history import Declared
from release.lock import batches, read_lock, requirement_lines
from release.source import ROOT, Unfit, clean_source


def declared(*versions: str) -> list[Declared]:
    return [Declared(one, f"2026-{month:02}-10", "0" * 40, {}) for month, one in enumerate(versions, 1)]


@pytest.mark.parametrize(
    ("version", "fits"),
    [("1.3", True), ("2.0", True), ("1.2.1", True), ("1.1.2", True), ("1.2", False), ("1.1", False), ("1.0.1", True),
     ("1.1.1", False), ("1.1.3", False), ("1.2.2", False), ("1.3.1", False), ("0.9", False)],
)  # fmt: skip
def test_which_number_may_be_next(version: str, fits: bool) -> None:
    why = history.fits_after(read_version(version), declared("1.0", "1.1", "1.1.1", "1.2"))
    assert (why == "") is fits, why


def test_what_a_fix_is_compared_with_and_from_where_one_step_leads() -> None:
    known = declared("1.0", "1.1", "1.1.1", "1.2")
    before = history.before(read_version("1.1.2"), known)
    assert before is not None and before.version == "1.1.1"
    assert history.before(read_version("1.3"), known) is None
    assert str(history.oldest_supported(read_version("1.3"), date(2027, 1, 10), known)) == "1.0"
    assert str(history.oldest_supported(read_version("1.3"), date(2027, 2, 11), known)) == "1.1.1"
    assert str(history.oldest_supported(read_version("1.1.2"), date(2026, 12, 1), known)) == "1.0"
    assert str(history.oldest_supported(read_version("1.0"), date(2026, 1, 1), [])) == "1.0"


def test_a_release_is_declared_once(tmp_path: Path) -> None:
    (one,) = declared("1.0")
    history.declare(one, tmp_path)
    assert history.read_history(tmp_path) == [one]
    with pytest.raises(Unfit):
        history.declare(one, tmp_path)


def test_migrations_of_what_was_released_stand_as_they_were() -> None:
    """Whoever rewrites one leaves every installation of that release behind."""
    now = schema.migrations_of(schema.loaded())
    known = history.read_history()
    assert [one.version for one in known][:1] == ["1.0"]
    assert {name for one in known for name in schema.rewritten(one.migrations, now)} == set()
    changed = {app: dict.fromkeys(names, "another") for app, names in known[0].migrations.items()}
    assert len(schema.rewritten(known[0].migrations, changed)) == sum(map(len, changed.values()))


def test_everything_new_since_a_release_is_judged() -> None:
    """1.1 is no fix of 1.0: were it called one, what 1.0 cannot live with would be told by name."""
    loader = schema.loaded()
    assert schema.not_additive(loader, schema.migrations_of(loader)) == []
    everything = schema.not_additive(loader, {})
    assert any(line.startswith("desk.0002") for line in everything)


def key(to: str, **more: object) -> models.ForeignKey[object, object]:
    return models.ForeignKey(to, models.CASCADE, null=True, **more)  # type: ignore[call-overload,no-any-return]


NEW = ops.CreateModel("New", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])
INDEX = models.Index(fields=["name"], name="i")
CHECK = models.CheckConstraint(condition=models.Q(name__gt=""), name="c")
FINE: dict[str, Sequence[Operation]] = {
    "a table": [NEW],
    "a table with a key without a constraint": [
        ops.CreateModel(
            "New", [("id", models.BigAutoField(primary_key=True)), ("old", key("a.Old", db_constraint=False))]
        )
    ],
    "tables that point at each other": [NEW, ops.CreateModel("More", [("new", key("a.New")), ("self", key("self"))])],
    "anything of a new table": [
        NEW,
        ops.AddField("new", "more", models.TextField(default="")),
        ops.AddIndex("new", INDEX),
        ops.AddConstraint("new", CHECK),
    ],
    "a column that may be empty": [ops.AddField("old", "more", models.TextField(null=True))],
    "a column that the database fills": [ops.AddField("old", "more", models.IntegerField(db_default=0))],
    "an index beside the work": [AddIndexConcurrently("old", INDEX)],
    "other words and choices": [
        ops.AlterField("old", "name", models.TextField("name", choices=[("a", "a")], help_text="x", default="y")),
        ops.AlterModelOptions("old", {"ordering": ["name"]}),
    ],
    "a thing of Django alone": [ops.SeparateDatabaseAndState(state_operations=[ops.DeleteModel("Old")])],
}
REFUSED: dict[str, Operation] = {
    "a column without a value": ops.AddField("old", "more", models.TextField(default="")),
    "a column of one value for all": ops.AddField("old", "more", models.IntegerField(db_default=0, unique=True)),
    "a key that keeps rows": ops.AddField("old", "more", key("a.Old")),
    "a table whose key keeps rows": ops.CreateModel("New", [("old", key("a.Old"))]),
    "a table of pairs that keeps rows": ops.AddField("old", "more", models.ManyToManyField("a.Old")),
    "a column goes": ops.RemoveField("old", "name"),
    "a table goes": ops.DeleteModel("Old"),
    "a column gets another name": ops.RenameField("old", "name", "title"),
    "a table gets another name": ops.RenameModel("Old", "Other"),
    "another type": ops.AlterField("old", "name", models.CharField(max_length=10)),
    "a column may be empty now": ops.AlterField("old", "name", models.TextField(null=True)),
    "an index that stops the work": ops.AddIndex("old", INDEX),
    "a check": ops.AddConstraint("old", CHECK),
    "code": ops.RunPython(ops.RunPython.noop),
    "statements": ops.RunSQL("SELECT 1"),
    "statements in a wrapping": ops.SeparateDatabaseAndState(database_operations=[ops.RunSQL("SELECT 1")]),
}


def judged(operations: Sequence[Operation]) -> list[str]:
    state, fresh, found = ProjectState(), set[tuple[str, str]](), []
    state.add_model(
        ModelState("a", "Old", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])
    )
    for operation in schema.flat(operations):
        found.append(schema.judge(operation, "a", state, fresh))
        operation.state_forwards("a", state)
    return [why for why in found if why]


@pytest.mark.parametrize("name", FINE)
def test_what_the_release_before_can_live_with(name: str) -> None:
    assert judged(FINE[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_cannot_live_with(name: str) -> None:
    assert len(judged([REFUSED[name]])) == 1


def test_only_a_clean_commit_is_released(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *arguments], check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "kept.txt").write_text("one")
    (tmp_path / ".gitignore").write_text("built/\n")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "x").write_text("not asked")
    source = clean_source(tmp_path)
    assert (len(source.commit), list(source.tracked)) == (40, [".gitignore", "kept.txt"])
    for name in ("kept.txt", "beside.txt"):
        (tmp_path / name).write_text("two")
        with pytest.raises(Unfit, match=name):
            clean_source(tmp_path)
        (tmp_path / name).write_text("one") if name == "kept.txt" else (tmp_path / name).unlink()


def test_the_lock_is_read_whole() -> None:
    path = ROOT / "requirements/app.txt"
    lock = read_lock(path)
    assert sum(len(one.hashes) for one in lock) == path.read_text().count("--hash=sha256:")
    # Debian 12 has 3.11.2, others of 3.11 a later patch: what a marker keeps apart is carried for both.
    twice = [one for one in lock if one.name == "soupsieve"]
    assert len(twice) == 2 and all(one.wanted("3.11") for one in twice)
    assert [one.version for one in twice if one.wanted("3.13")] == [twice[1].version]
    first, second = batches(lock)
    assert len(first) + len(second) == len(lock) and [one.name for one in second] == ["soupsieve"]
    assert requirement_lines(twice).count(" ; python_full_version") == 2

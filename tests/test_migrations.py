"""No model without its migration; what fixes have brought goes into a release's one transaction."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.core.management import call_command
from django.db import migrations, models

from provodnik.lifecycle.management.commands.prepare import within_a_transaction


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_a_release_makes_plainly_what_a_fix_made_beside_people_at_work() -> None:
    """A fix may bring an index made concurrently; the release after it carries that change into its one transaction."""
    index = models.Index(fields=["name"], name="made_name")
    made = within_a_transaction(
        [
            AddIndexConcurrently("thing", index),
            RemoveIndexConcurrently("thing", "made_name"),
            migrations.SeparateDatabaseAndState([AddIndexConcurrently("thing", index)], []),
            migrations.RunSQL("SELECT 1"),
        ]
    )
    names = ["AddIndex", "RemoveIndex", "SeparateDatabaseAndState", "RunSQL"]
    assert [type(one).__name__ for one in made] == names
    assert [type(one).__name__ for one in made[2].database_operations] == ["AddIndex"]  # type: ignore[attr-defined]
    assert made[0].index is index  # type: ignore[attr-defined]

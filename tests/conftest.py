"""The world of tests/world.py, made once for a module: each of its tests sees it as it was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.world import World, build


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """For modules none of whose tests commits, or counts what there is."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None, settings: Any) -> World:
    settings.STORAGES = {  # the pages, not the compression of their pictures
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return built

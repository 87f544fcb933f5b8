"""One world for a module: each test sees it as it was made."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.world import World, build

As = Callable[[str], Client]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None, settings: Any) -> World:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return built


@pytest.fixture
def as_(world: World) -> As:
    """A browser of somebody of the world; what happens to its cookies ends with the test."""

    def browser(person: str) -> Client:
        client = Client(raise_request_exception=False)
        client.cookies = copy.deepcopy(world.client(person).cookies)
        return client

    return browser

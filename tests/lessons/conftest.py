"""Who looks at the world of tests/conftest.py."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from django.test import Client

from tests.world import World

As = Callable[[str], Client]


@pytest.fixture
def as_(world: World) -> As:
    """A browser of somebody of the world; what happens to its cookies ends with the test."""

    def browser(person: str) -> Client:
        client = Client(raise_request_exception=False)
        client.cookies = copy.deepcopy(world.client(person).cookies)
        return client

    return browser

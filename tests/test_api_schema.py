"""The API keeps to its own OpenAPI, whoever asks: schemathesis makes right and wrong requests of every operation and
compares the answers with the document. A fixed handful in the suite; PROVODNIK_API_EXAMPLES asks for more of each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from provodnik.api.schema import openapi
from provodnik.api.tests.speaking import Program
from tests.world import build

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("PROVODNIK_API_EXAMPLES", "1"))
RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
OWN, ALL = "own", "all"  # of the operations: those that are not the desk's, all
# Each function is asked by somebody who may. What is wrong with a request does not depend on who sends it, and is found
# by code that all of them share: of the others each asks some, unless more is wanted.
ROLES: tuple[tuple[str, GenerationMode, str, int], ...] = (
    ("lead", RIGHT, ALL, 1),
    ("lead", WRONG, ALL, 2),
    ("requester", RIGHT, OWN, 1),
    ("coordinator", RIGHT, OWN, 3),
    ("specialist", RIGHT, ALL, 9),
    ("administrator", RIGHT, ALL, 9),
    ("nobody", RIGHT, ALL, 18),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def test_the_document_says_what_it_must() -> None:
    """An OpenAPI 3.1 in Russian, with a scope, an example of everything and a problem for each operation."""
    document = openapi()
    assert document["openapi"].startswith("3.1") and document["components"]["securitySchemes"]["Token"]
    names = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names.append(operation["operationId"])
            assert any("а" <= letter <= "я" for letter in operation["summary"]), (method, path)
            assert {"400", "401", "404", "429", "503"} <= set(operation["responses"])
            assert operation["security"] == [{"Token": []}]
            if method == "post":
                assert any(one["name"] == "Idempotency-Key" for one in operation["parameters"])
                shape = next(iter(operation["requestBody"]["content"].values()))["schema"]
                known = (
                    document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]] if "$ref" in shape else shape
                )
                assert "file" in known.get("properties", {}) or known["additionalProperties"] is False
    assert len(names) == len(set(names)) > 150


def test_answers_are_as_the_document_says(settings_of_api: Any) -> None:
    world = build()
    headers = {
        role: {"Authorization": f"Bearer {Program(user).key}"}
        for role in {one[0] for one in ROLES}
        if (user := world.people.get(role)) is not None
    }
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = [found.ok() for found in schema.get_all_operations()]
    for place, (role, mode, which, every) in enumerate(ROLES):
        step = every if EXAMPLES == 1 else 1
        chosen = [one for one in operations if which == ALL or not one.path.startswith("/api/v1/desk/")]
        chosen = chosen[place % step :: step]
        asked = sum(_ask(operation, mode, headers.get(role, {})) for operation in chosen)
        assert asked >= len(chosen) > 5, role


def _ask(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> int:
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=EXAMPLES == 1,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        nonlocal asked
        asked += 1
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
        case.validate_response(answer, checks=checks)

    run()
    return asked


@pytest.fixture
def settings_of_api(settings: Any) -> Iterator[Any]:
    settings.API_RATE = 100_000
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost"]
    # As Django's own test client does: the connection belongs to the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield settings
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)

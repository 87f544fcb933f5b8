"""Statements kept prepared by the server: the same rows as Django's, with literals where they are constant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from provodnik.accounts.models import Session, User
from provodnik.core import prepared

pytestmark = pytest.mark.django_db
NOBODY, NO_TIME = -1, datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def people() -> list[User]:
    return [User.objects.create_user(f"n{i}", full_name=f"100 % Имя'{i}") for i in range(3)]


def statement() -> prepared.Statement:
    chosen = User.objects.filter(Q(pk=NOBODY) | Q(full_name="100 % Имя'1"), created_at__lte=NO_TIME, is_active=True)
    return prepared.written(
        chosen.order_by("pk").values_list("pk", "full_name", "roles"), {NOBODY: "who", NO_TIME: "until"}
    )


def test_it_gives_what_the_queryset_gives(people: list[User]) -> None:
    one = statement()
    assert one.slots == ("until", "who") or one.slots == ("who", "until")
    assert "'100 %% Имя''1'" in one.sql and "LIMIT" not in one.sql
    for _time in range(7):  # the server's own choice between plans comes with the sixth
        rows = one.fetch({"who": people[0].pk, "until": timezone.now()})
        assert rows == [(people[0].pk, people[0].full_name, []), (people[1].pk, people[1].full_name, [])]
    assert one.fetch({"who": people[2].pk, "until": NO_TIME}) == []


def test_it_is_prepared_once_for_a_connection_and_counted_by_tests(
    people: list[User], django_assert_num_queries: Any
) -> None:
    one = statement()
    with django_assert_num_queries(3):
        for person in people:
            one.fetch({"who": person.pk, "until": timezone.now()})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%accounts_user%full_name%"]
        )
        assert cursor.fetchone() == (1,)


def test_rows_become_instances_with_their_relations(people: list[User], django_assert_num_queries: Any) -> None:
    session = Session.objects.create(session_key="a" * 32, session_data="", expire_date=timezone.now(), user=people[1])
    Session.objects.create(session_key="b" * 32, session_data="", expire_date=timezone.now())
    one = prepared.reading(Session.objects.filter(session_key="who").order_by("pk")[:1], {"who": "key"}, ["user"])
    with django_assert_num_queries(3):
        found = one.first({"key": session.pk})
        assert found == session and found.user == people[1] and found.user.full_name == people[1].full_name
        assert found.expire_date == session.expire_date and not found._state.adding and found._state.db == "default"
        nobody = one.first({"key": "b" * 32})
        assert nobody is not None and nobody.user is None
        assert one.first({"key": "c" * 32}) is None


def test_behind_a_pooler_nothing_is_kept(people: list[User], settings: Any) -> None:
    settings.DATABASE_PREPARED = False
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert len(statement().fetch({"who": people[0].pk, "until": timezone.now()})) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)

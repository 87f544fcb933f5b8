"""What an administrator does to accounts, and the journal of it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from provodnik.accounts import actions
from provodnik.accounts.models import JournalEntry
from provodnik.accounts.roles import Role
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import AdministratorFactory, LeadFactory, SpecialistFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = {"login": "boris", "email": "boris@chv.example", "full_name": "Луговой Борис", "roles": [Role.SPECIALIST]}


@pytest.fixture
def administrator():
    return AdministratorFactory.create()


def now():
    return timezone.now()


def test_added_with_an_invitation_and_a_line_for_each(administrator):
    user = actions.add_user(**NEW, by=administrator, at=now())
    assert (user.login, user.roles, user.has_usable_password()) == ("boris", ["specialist"], False)
    assert list(JournalEntry.objects.order_by("id").values_list("verb", flat=True)) == ["added", "invited"]


@pytest.mark.parametrize("factory", [UserFactory, SpecialistFactory, LeadFactory])
def test_nobody_else_may(factory):
    other, victim = factory.create(), UserFactory.create()
    for attempt in (
        lambda: actions.add_user(**NEW, by=other, at=now()),
        lambda: actions.invite(victim, by=other, at=now()),
        lambda: actions.switch_off(victim, by=other, at=now()),
        lambda: actions.switch_on(victim, by=other, at=now()),
        lambda: actions.end_sessions_of(victim, by=other, at=now()),
        lambda: actions.change_user(victim, login="x", email="", full_name="x", roles=[], by=other, at=now()),
    ):
        with pytest.raises(Refused):
            attempt()
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    ("login", "email", "field"),
    [("ANNA", "new@chv.example", "login"), ("new", "Anna@chv.example", "email"), ("anna@chv.example", "", "login")],
)
def test_a_door_has_one_owner(administrator, login, email, field):
    UserFactory.create(login="anna", email="anna@chv.example")
    with pytest.raises(Refused) as refusal:
        actions.add_user(login=login, email=email, full_name="Ещё", roles=[], by=administrator, at=now(), invite=False)
    assert refusal.value.field == field


def test_the_last_administrator_stays(administrator):
    kept = {"login": administrator.login, "email": administrator.email, "full_name": administrator.full_name}
    with pytest.raises(Refused):
        actions.switch_off(administrator, by=administrator, at=now())
    with pytest.raises(Refused):
        actions.change_user(administrator, **kept, roles=[Role.LEAD], by=administrator, at=now())
    AdministratorFactory.create()
    actions.change_user(administrator, **kept, roles=[Role.LEAD], by=administrator, at=now())
    administrator.refresh_from_db()
    assert administrator.roles == ["lead"]


def test_a_switched_off_administrator_does_not_count(administrator):
    AdministratorFactory.create(is_active=False)
    with pytest.raises(Refused):
        actions.switch_off(administrator, by=administrator, at=now())


def test_the_journal_tells_old_and_new_but_no_secret(administrator):
    user = UserFactory.create(full_name="Было")
    actions.change_user(
        user, login=user.login, email=user.email, full_name="Стало", roles=[], by=administrator, at=now()
    )
    assert JournalEntry.objects.get().data == {"full_name": ["Было", "Стало"]}
    actions.change_user(
        user, login=user.login, email=user.email, full_name="Стало", roles=[], by=administrator, at=now()
    )
    assert JournalEntry.objects.count() == 1, "nothing changed, nothing to tell"


def test_the_journal_is_written_once(administrator):
    actions.add_user(**NEW, by=administrator, at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalEntry.objects.update(title="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalEntry.objects.all().delete()

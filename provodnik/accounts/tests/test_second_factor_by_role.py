"""Who must have a second factor, by his roles; and ways out for who has lost it."""

# ruff: noqa: F811 - fixtures of the module beside this one are arguments here

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.accounts.actions import factors
from provodnik.accounts.models import (
    FactorRule,
    JournalEntry,
    PrintedCode,
    Totp,
)
from provodnik.accounts.roles import Role
from provodnik.accounts.tests.test_second_factor import (  # noqa: F401 - fixtures
    SECRET,
    app,
    asked,
    clock,
    code,
    enter,
    is_in,
    quick,
    user,
)
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import AdministratorFactory, SpecialistFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestByRole:
    def require(self, days=0, roles=(Role.SPECIALIST.value,)):
        administrator = AdministratorFactory.create()
        factors.set_rules(dict.fromkeys(roles, days), by=administrator, at=timezone.now())
        return administrator

    def test_who_is_without_can_do_nothing_else(self, client):
        specialist = SpecialistFactory.create()
        client.force_login(specialist)
        self.require()
        for address in ("/", "/desk/", "/profile/", "/notices/", "/no-such-page"):
            assert client.get(address).url == "/profile/second-factor/", address
        assert client.post("/profile/", {"full_name": "X"}).url == "/profile/second-factor/"
        assert client.get("/desk/pulse", headers={"HX-Request": "true"})["HX-Redirect"] == "/profile/second-factor/"
        page = client.get("/profile/second-factor/")
        assert page.status_code == 200 and "настройте второй фактор" in page.text
        assert client.post("/sign-out/").status_code == 302

    def test_having_set_it_up_he_goes_on(self, client, clock):
        specialist = SpecialistFactory.create()
        client.force_login(specialist)
        self.require()
        factors.add_totp(
            specialist, secret=SECRET, code=code(), session_key=client.session.session_key, at=timezone.now()
        )
        assert client.get("/desk/").status_code == 200

    def test_days_of_grace(self, client, clock):
        specialist = SpecialistFactory.create()
        client.force_login(specialist)
        self.require(days=7)
        assert client.get("/desk/").status_code == 200
        clock.shift(timedelta(days=7, minutes=1))
        assert client.get("/desk/").url == "/profile/second-factor/"

    def test_of_several_roles_the_earliest_day_holds(self):
        lead = UserFactory.create(roles=[Role.LEAD.value, Role.SPECIALIST.value])
        administrator = AdministratorFactory.create()
        now = timezone.now()
        factors.set_rules({"lead": 30, "specialist": 3}, by=administrator, at=now)
        lead.refresh_from_db()
        assert lead.second_factor_due == now + timedelta(days=3)
        factors.set_rules({"lead": 30}, by=administrator, at=now)
        lead.refresh_from_db()
        assert lead.second_factor_due == now + timedelta(days=30)
        factors.set_rules({}, by=administrator, at=now)
        lead.refresh_from_db()
        assert lead.second_factor_due is None and not FactorRule.objects.exists()

    def test_a_requester_is_whoever_has_no_role(self, user):
        self.require(roles=["requester"])
        user.refresh_from_db()
        assert user.second_factor_due is not None
        assert SpecialistFactory.create().second_factor_due is None

    def test_an_account_made_beside_the_rules_is_caught_at_sign_in(self, client, user):
        self.require(roles=["requester"])
        type(user).objects.update(second_factor_due=None)
        enter(client)
        assert client.get("/profile/").url == "/profile/second-factor/"

    def test_the_last_one_may_not_be_removed(self, app):
        self.require(roles=["requester"])
        with pytest.raises(Refused):
            factors.remove_totp(app, session_key=None, at=timezone.now())
        assert Totp.objects.filter(user=app).exists()

    def test_only_an_administrator(self, user):
        with pytest.raises(Refused):
            factors.set_rules({}, by=user, at=timezone.now())


class TestRecovery:
    def test_by_an_administrator(self, client, app):
        administrator = AdministratorFactory.create()
        client.force_login(app)
        factors.reset_factors(app, by=administrator, at=timezone.now())
        assert not is_in(client) and not Totp.objects.exists() and not PrintedCode.objects.exists()
        line = JournalEntry.objects.get(verb="factors_reset")
        assert line.by == administrator and line.thing == str(app.pk)
        assert asked("factors_reset") == 1
        assert enter(client).url == "/"

    @pytest.mark.parametrize("by", ["self", "specialist"])
    def test_by_nobody_else(self, app, by):
        administrator = AdministratorFactory.create()
        whose, who = (administrator, administrator) if by == "self" else (app, SpecialistFactory.create())
        with pytest.raises(Refused):
            factors.reset_factors(whose, by=who, at=timezone.now())

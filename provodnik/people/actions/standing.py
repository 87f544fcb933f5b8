"""Heads of units, managers, deputies and roles for an organisation. All of them have their days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.actions.factors import renew_due
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.people.actions.taking import Said, record
from provodnik.people.models import Deputy, Employment, ManagerLink, Organisation, StaffMember, Unit, UnitHead
from provodnik.people.policies import belonging, current, may_give_roles, may_keep
from provodnik.people.states import DecisionKind, Happened, Source, StaffRole

Link = TypeVar("Link", UnitHead, ManagerLink)
LONGEST_DEPUTY = timedelta(days=366)
A_DAY = timedelta(days=1)


def set_head(
    unit_id: int, employment_id: int | None, *, since: date, source: Source, at: datetime, by: User | None = None
) -> UnitHead | None:
    """Who heads a unit from a day on (None: nobody). Who headed it until then ends the day before. A hand's word is not
    changed by an exchange: then the head that was stays and is returned. Raises Refused, *.DoesNotExist."""
    with transaction.atomic():
        unit = Unit.objects.select_for_update(of=("self",)).get(pk=unit_id)
        if source is Source.HAND and by is not None:
            require(may_keep(by, unit.organisation_id))
        if source is Source.HAND and employment_id is not None:
            _works_for(employment_id, unit.organisation_id, since)
        now = UnitHead.objects.filter(unit=unit, ends_on__isnull=True).first()
        if now is not None and (now.employment_id == employment_id or _keeps(now.source, source)):
            return now
        _end(now, since)
        fresh = None
        if employment_id is not None:
            head = Employment.objects.get(pk=employment_id)
            fresh = _insert(UnitHead(unit=unit, employment=head, starts_on=since, source=source.value))
        data = {"head": [now.employment_id if now else None, employment_id], "since": since.isoformat()}
        record(Happened.HEAD_SET, Said(source, at, by), data, organisation=unit.organisation_id, unit=unit.pk)
    return fresh


def _works_for(employment_id: int, organisation_id: int, on: date) -> None:
    """Raises Refused for a place of work of another organisation, or of somebody who does not work then."""
    there = Employment.objects.filter(current(on), pk=employment_id, organisation_id=organisation_id)
    if not there.exists():
        raise Refused(_("This person does not work in the organisation on that day."), "employment")


def set_manager(
    employment_id: int, manager_id: int | None, *, since: date, source: Source, at: datetime, by: User | None = None
) -> ManagerLink | None:
    """A manager of one place of work from a day on, before the head of its unit (None: the head again). Refused where
    the manager is, over others, managed by him. Raises Refused, Employment.DoesNotExist."""
    with transaction.atomic():
        row = Employment.objects.select_for_update(of=("self",)).get(pk=employment_id)
        if source is Source.HAND and by is not None:
            require(may_keep(by, row.organisation_id))
        now = ManagerLink.objects.filter(employment=row, ends_on__isnull=True).first()
        if now is not None and (now.manager_id == manager_id or _keeps(now.source, source)):
            return now
        if manager_id is not None and _is_above(row.pk, manager_id):
            raise Refused(_("They would be each other's managers."), "manager")
        _end(now, since)
        fresh = None
        if manager_id is not None:
            manager = Employment.objects.get(pk=manager_id)
            fresh = _insert(ManagerLink(employment=row, manager=manager, starts_on=since, source=source.value))
        data = {"manager": [now.manager_id if now else None, manager_id], "since": since.isoformat()}
        of = {"organisation": row.organisation_id, "person": row.person_id, "employment": row.pk}
        record(Happened.HEAD_SET, Said(source, at, by), data, **of)
    return fresh


def _keeps(kept: str, said: Source) -> bool:
    return kept == Source.HAND.value and said is not Source.HAND


def _is_above(employment_id: int, manager_id: int) -> bool:
    """Whether the chain of managers leads from the one who is to manage to the one who is to be managed."""
    at: int | None = manager_id
    for _step in range(50):
        if at is None:
            return False
        if at == employment_id:
            return True
        link = ManagerLink.objects.filter(employment_id=at, ends_on__isnull=True).first()
        at = link.manager_id if link is not None else None
    return True


def _end(row: UnitHead | ManagerLink | None, since: date) -> None:
    if row is None:
        return
    if row.starts_on >= since:
        row.delete()  # it had not begun: it never was
    else:
        row.ends_on = since - A_DAY
        row.save(update_fields=["ends_on"])


def _insert(row: Link) -> Link:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(_("In these days somebody else stands there already.")) from error
    return row


def set_deputy(
    manager_id: int,
    deputy_id: int,
    *,
    kinds: Collection[DecisionKind],
    starts_on: date,
    ends_on: date,
    by: User,
    at: datetime,
) -> Deputy:
    """Let somebody decide for another in these kinds of decision, from a day to a day (a year at most). Said by who is
    stood in for, or by personnel. Never payslips: they are no kind of decision. Raises Refused."""
    with transaction.atomic():
        manager = Employment.objects.select_for_update(of=("self",)).select_related("person").get(pk=manager_id)
        deputy = Employment.objects.get(pk=deputy_id)
        if not deputy.is_current(max(starts_on, timezone.localdate(at))):
            raise Refused(_("This person does not work on that day."), "deputy")
        if manager.person.user_id != by.pk:
            require(may_keep(by, manager.organisation_id))
        if manager.person_id == deputy.person_id:
            raise Refused(_("Nobody stands in for himself."), "deputy")
        if not kinds or ends_on < starts_on or ends_on - starts_on > LONGEST_DEPUTY:
            raise Refused(_("Say what is decided and for which days, a year at most."), "ends_on")
        words = sorted({DecisionKind(kind).value for kind in kinds})
        row = Deputy(manager=manager, deputy=deputy, kinds=words, starts_on=starts_on, ends_on=ends_on, made_by=by)
        row.save()
        data = {"deputy": deputy.person_id, "kinds": words, "days": [starts_on.isoformat(), ends_on.isoformat()]}
        of = {"organisation": manager.organisation_id, "person": manager.person_id, "employment": manager.pk}
        record(Happened.DEPUTY_SET, Said(Source.HAND, at, by), data, **of)
    return row


def end_deputy(pk: int, *, by: User, at: datetime, on: date) -> None:
    """He decides nothing from now on. Raises Refused, Deputy.DoesNotExist."""
    with transaction.atomic():
        row = Deputy.objects.select_for_update(of=("self",)).select_related("manager__person").get(pk=pk)
        if row.manager.person.user_id != by.pk:
            require(may_keep(by, row.manager.organisation_id))
        of = {"person": row.manager.person_id, "employment": row.manager_id}
        record(Happened.DEPUTY_ENDED, Said(Source.HAND, at, by), {"deputy": row.deputy_id}, **of)
        if row.starts_on >= on:
            row.delete()
        else:
            row.ends_on = on - A_DAY
            row.save(update_fields=["ends_on"])


def give_role(user: User, organisation: Organisation, role: StaffRole, *, by: User, at: datetime) -> StaffMember:
    """Make an account personnel or payroll accountant of an organisation; a line of the administrators' journal."""
    require(may_give_roles(by))
    with transaction.atomic():
        row, made = StaffMember.objects.get_or_create(
            user=user, organisation=organisation, role=role.value, defaults={"since": at, "given_by": by}
        )
        if made:
            data = {"user": user.pk, "role": role.value}
            record(Happened.ROLE_GIVEN, Said(Source.HAND, at, by), data, organisation=organisation.pk)
            journal.note(row, "added", by=by, at=at, user=[None, user.full_name])
            User.objects.filter(pk=user.pk).update(is_employee=True)
            renew_due(User.objects.get(pk=user.pk))
    return row


def take_role(pk: int, *, by: User, at: datetime, on: date) -> None:
    """Raises Refused, StaffMember.DoesNotExist."""
    require(may_give_roles(by))
    with transaction.atomic():
        row = StaffMember.objects.select_for_update(of=("self",)).get(pk=pk)
        data = {"user": row.user_id, "role": row.role}
        record(Happened.ROLE_TAKEN, Said(Source.HAND, at, by), data, organisation=row.organisation_id)
        journal.note(row, "removed", by=by, at=at, user=[row.user.full_name, None])
        row.delete()
        User.objects.filter(~belonging(on), pk=row.user_id).update(is_employee=False)
        renew_due(User.objects.get(pk=row.user_id))

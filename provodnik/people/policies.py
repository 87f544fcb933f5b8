"""Who sees whom, and who may do what with people. `visible_people(user, on=…)` is the only door to people: list,
search, chart, card, counters and files go through it; whom it does not give does not exist for the asker (404)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.people.models import (
    DataRequest,
    DataRequestFile,
    Employment,
    Entry,
    Organisation,
    Person,
    StaffMember,
    Unit,
)
from provodnik.people.states import StaffRole

NOT_YOURS = _("Only the personnel of this organisation may do this.")


def current(on: date, prefix: str = "") -> Q:
    """A condition: the place of work is one on this day."""
    return Q(**{f"{prefix}starts_on__lte": on}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": on})
    )


def belonging(on: date) -> Q:
    """A condition on accounts: their owner works here on this day, or is personnel of an organisation."""
    working = Employment.objects.filter(current(on), person__user_id=OuterRef("pk"))
    return Q(Exists(working)) | Q(Exists(StaffMember.objects.filter(user_id=OuterRef("pk"))))


def works_here(user: User) -> bool:
    """Whether an account is of somebody who works here now, or of personnel. No statement: it is kept up to date by
    actions.persons.mark_employees."""
    return bool(user.is_authenticated and user.is_active and user.is_employee)


def staffed(user: User, *roles: StaffRole) -> QuerySet[StaffMember]:
    """For which organisations somebody is personnel, or payroll accountant."""
    if not user.is_authenticated or not user.is_active:
        return StaffMember.objects.none()
    return StaffMember.objects.filter(user_id=user.pk, role__in=[role.value for role in roles])


def holders(role: StaffRole) -> QuerySet[User]:
    """Accounts of whoever is this for some organisation."""
    return User.objects.filter(pk__in=StaffMember.objects.filter(role=role.value).values("user_id"))


def personnel_of(user: User) -> QuerySet[StaffMember]:
    return staffed(user, StaffRole.HR)


def houses_of(user: User) -> QuerySet[Organisation]:
    """Organisations whose personnel somebody is. Nobody else, no administrator."""
    return Organisation.objects.filter(pk__in=personnel_of(user).values("organisation_id"))


def open_organisations(user: User, *, on: date) -> QuerySet[Organisation]:
    """Organisations whose people, as they work now, somebody finds in the directory: who works here, his own ones and
    those that share their directory; personnel, theirs besides; an administrator, all."""
    if not user.is_authenticated or not user.is_active:
        return Organisation.objects.none()
    if user.is_administrator:
        return Organisation.objects.all()
    mine = Employment.objects.filter(current(on), person__user_id=user.pk)
    own = Q(pk__in=mine.values("organisation_id")) | Q(pk__in=personnel_of(user).values("organisation_id"))
    return Organisation.objects.filter(own | Q(Exists(mine), shares_directory=True))


def visible_entries(user: User, *, on: date, houses: Sequence[int] | None = None) -> QuerySet[Entry]:
    """Lines of the directory: places of work of this day in open organisations. `houses`: their ids, where
    `open_organisations` of this user and day has been read already."""
    open_to_him = open_organisations(user, on=on) if houses is None else houses
    return Entry.objects.filter(current(on), organisation__in=open_to_him)


def open_ids(user: User, *, on: date) -> list[int]:
    """`open_organisations` read once, for a page that asks for people and units several times: the database plans the
    question of who somebody is but once."""
    return list(open_organisations(user, on=on).values_list("pk", flat=True))


def visible_units(user: User, *, on: date, houses: Sequence[int] | None = None) -> QuerySet[Unit]:
    """Units of open organisations that are not disbanded. `houses`: as of `visible_entries`."""
    open_to_him = open_organisations(user, on=on) if houses is None else houses
    return Unit.objects.filter(is_active=True, organisation__in=open_to_him)


def visible_people(user: User, *, on: date) -> QuerySet[Person]:
    """Those of the directory; oneself always; for personnel everybody who is or was of their organisations."""
    if not user.is_authenticated or not user.is_active:
        return Person.objects.none()
    listed = Employment.objects.filter(
        current(on), person_id=OuterRef("pk"), organisation__in=open_organisations(user, on=on)
    )
    ours = Employment.objects.filter(
        person_id=OuterRef("pk"), organisation__in=personnel_of(user).values("organisation_id")
    )
    return Person.objects.filter(Exists(listed) | Exists(ours) | Q(user_id=user.pk))


def may_look(user: User) -> Decision:
    """Whether there is a directory for somebody at all."""
    if works_here(user) or (user.is_authenticated and user.is_active and user.is_administrator):
        return YES
    return no(_("The directory is for who works here."))


def may_keep(user: User, organisation_id: int) -> Decision:
    """Whether somebody keeps the structure and the people of an organisation by hand."""
    return YES if personnel_of(user).filter(organisation_id=organisation_id).exists() else no(NOT_YOURS)


def may_correct(user: User, person: Person, *, on: date) -> Decision:
    """Personnel of an organisation where the person works or worked."""
    ours = Employment.objects.filter(
        person_id=person.pk, organisation__in=personnel_of(user).values("organisation_id")
    ).exists()
    return YES if ours else no(NOT_YOURS)


def may_see_card(user: User, person: Person, *, on: date) -> Decision:
    """What colleagues do not see (birth date, own phone and e-mail, number, SNILS masked): the person, and personnel of
    his organisations, whose look is written down. Neither a manager nor an administrator."""
    if person.user_id is not None and person.user_id == user.pk:
        return YES
    return may_correct(user, person, on=on)


def may_give_roles(user: User) -> Decision:
    return YES if user.is_administrator else no(_("Only an administrator may do this."))


def kept_organisations(user: User) -> QuerySet[Organisation]:
    """Organisations whose page somebody opens: an administrator all of them, personnel theirs."""
    if not user.is_authenticated or not user.is_active:
        return Organisation.objects.none()
    if user.is_administrator:
        return Organisation.objects.all()
    return houses_of(user)


def may_set_up(user: User, organisation_id: int) -> Decision:
    """Name, region, time zone, who sees its directory: an administrator, or the personnel of the organisation."""
    if user.is_authenticated and user.is_active and user.is_administrator:
        return YES
    return may_keep(user, organisation_id)


def may_join(user: User, one: Person, other: Person, *, on: date) -> Decision:
    """Two cards of one human: personnel of both."""
    first = may_correct(user, one, on=on)
    return may_correct(user, other, on=on) if first else first


def visible_requests(user: User) -> QuerySet[DataRequest]:
    """Requests about data that somebody checks: those of organisations whose personnel he is."""
    return DataRequest.objects.filter(organisation__in=personnel_of(user).values("organisation_id"))


def own_requests(user: User) -> QuerySet[DataRequest]:
    """What somebody has asked for himself."""
    if not user.is_authenticated or not user.is_active:
        return DataRequest.objects.none()
    return DataRequest.objects.filter(person__user_id=user.pk)


def visible_scans(user: User) -> QuerySet[DataRequestFile]:
    """The only door to scans: who sent them, and who checks them."""
    seen = visible_requests(user).values("pk")
    return DataRequestFile.objects.filter(Q(request__in=own_requests(user).values("pk")) | Q(request__in=seen))


def may_judge(user: User, request: DataRequest) -> Decision:
    """Personnel of the organisation, never of one's own request."""
    if request.person.user_id == user.pk:
        return no(_("Nobody checks his own request: another person of the personnel department does."))
    return may_keep(user, request.organisation_id)

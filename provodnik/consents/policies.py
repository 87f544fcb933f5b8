"""Who sees a consent: who gave it, and the personnel of the organisation that it was given to. Nobody else: no manager,
no administrator, no desk. What these do not give does not exist for the asker (404)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.consents.models import Consent, ConsentFile, Edition
from provodnik.consents.states import WORKER_WITHDRAWS, About, Heard, Standing
from provodnik.core.decisions import YES, Decision, no
from provodnik.people import policies as people
from provodnik.people.models import Employment, Person


def visible_consents(user: User) -> QuerySet[Consent]:
    """What personnel keeps, and sees others' of; their own they read as everybody does (`own_consents`)."""
    return Consent.objects.filter(organisation__in=people.personnel_of(user).values("organisation_id"))


def own_consents(user: User) -> QuerySet[Consent]:
    """What somebody gave himself, also where he works no more."""
    if not user.is_authenticated or not user.is_active:
        return Consent.objects.none()
    return Consent.objects.filter(person__user_id=user.pk)


def visible_people(user: User) -> QuerySet[Person]:
    """Of whom personnel keeps consents: who works or worked in their organisations."""
    ours = people.personnel_of(user).values("organisation_id")
    return Person.objects.filter(Exists(Employment.objects.filter(person_id=OuterRef("pk"), organisation__in=ours)))


def kept_editions(user: User) -> QuerySet[Edition]:
    return Edition.objects.filter(organisation__in=people.personnel_of(user).values("organisation_id"))


def readable_editions(user: User) -> QuerySet[Edition]:
    """Texts: for personnel, for who works or worked in the organisation, for who has signed them."""
    if not user.is_authenticated or not user.is_active:
        return Edition.objects.none()
    works = Employment.objects.filter(person__user_id=user.pk).values("organisation_id")
    signed = Consent.objects.filter(person__user_id=user.pk).values("edition_id")
    ours = people.personnel_of(user).values("organisation_id")
    return Edition.objects.filter(Q(organisation__in=works) | Q(organisation__in=ours) | Q(pk__in=signed))


def visible_files(user: User) -> QuerySet[ConsentFile]:
    """The only door to scans."""
    kept = visible_consents(user).values("pk")
    return ConsentFile.objects.filter(Q(consent__in=own_consents(user).values("pk")) | Q(consent__in=kept))


def may_keep(user: User, organisation_id: int) -> Decision:
    return people.may_keep(user, organisation_id)


def may_mark(user: User, person: Person, organisation_id: int) -> Decision:
    """Personnel of the organisation, never of themselves."""
    if person.user_id is not None and person.user_id == user.pk:
        return no(_("Nobody marks his own consent: another person of the personnel department does."))
    return people.may_keep(user, organisation_id)


def may_end(user: User, row: Consent) -> Decision:
    """By paper."""
    if row.standing != Standing.GIVEN.value:
        return no(_("It is not in force."))
    return may_mark(user, row.person, row.organisation_id)


def may_withdraw(user: User, row: Consent) -> Decision:
    """By the worker himself."""
    if row.person.user_id != user.pk:
        return no(_("Only who gave it may do this."))
    if row.standing != Standing.GIVEN.value:
        return no(_("It is not in force."))
    if About(row.about) not in WORKER_WITHDRAWS:
        return no(_("This one is taken back on paper: tell the personnel of your organisation."))
    return YES


def may_call_a_mistake(user: User, row: Consent) -> Decision:
    if row.standing == Standing.MISTAKE.value:
        return no(_("It is marked as a mistake already."))
    return may_mark(user, row.person, row.organisation_id)


def may_tell_again(user: User, row: Consent) -> Decision:
    if row.heard != Heard.REFUSED.value:
        return no(_("1C has not refused it."))
    return may_mark(user, row.person, row.organisation_id)

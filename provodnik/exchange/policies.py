"""Who sees what of the exchange, and who decides. What these do not give does not exist for the asker (404)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.exchange.models import Base, Batch, Parcel, Thing
from provodnik.people.models import Organisation, StaffMember
from provodnik.people.policies import personnel_of
from provodnik.people.states import StaffRole

NOT_YOURS = _("Only the personnel of this organisation may do this.")


def may_administer(user: User) -> Decision:
    if user.is_authenticated and user.is_active and user.is_administrator:
        return YES
    return no(_("Only an administrator may do this."))


def may_push(user: User) -> Decision:
    """The account that 1C's token belongs to: an administrator's, for a token with the one scope of the exchange."""
    return may_administer(user)


def houses(user: User) -> list[int]:
    """Organisations whose personnel somebody is."""
    return list(personnel_of(user).values_list("organisation_id", flat=True))


def may_look(user: User) -> Decision:
    """Whether there is an exchange for somebody: administrators, and personnel of any organisation."""
    if may_administer(user) or (user.is_authenticated and personnel_of(user).exists()):
        return YES
    return no(NOT_YOURS)


def visible_bases(user: User) -> QuerySet[Base]:
    """An administrator's: all; of personnel: those that told of an organisation of theirs."""
    if may_administer(user):
        return Base.objects.all()
    told = Thing.objects.filter(
        base=OuterRef("pk"),
        kind="organisation",
        guid__in=Organisation.objects.filter(pk__in=houses(user)).values("guid"),
    )
    return Base.objects.filter(Exists(told))


def whole_bases(user: User) -> QuerySet[Base]:
    """Bases that tell of no organisation but theirs: what names no organisation is theirs, too."""
    ours = Organisation.objects.filter(pk__in=houses(user)).values("guid")
    told = Thing.objects.filter(base=OuterRef("pk"), kind="organisation").exclude(guid__in=ours)
    return visible_bases(user).filter(~Exists(told))


def visible_batches(user: User) -> QuerySet[Batch]:
    return Batch.objects.filter(base__in=visible_bases(user))


def visible_things(user: User) -> QuerySet[Thing]:
    """Rows of the journal: of personnel, those of their organisations, never of a neighbour in the same base."""
    if may_administer(user):
        return Thing.objects.all()
    return Thing.objects.filter(
        Q(organisation__in=houses(user)) | Q(organisation__isnull=True, base__in=whole_bases(user))
    )


def may_decide(user: User, batch: Batch) -> Decision:
    """Of a held batch: the personnel of every organisation that it would change so much. Where there is no personnel,
    an administrator."""
    concerned = {int(one["organisation"]) for one in batch.stops}
    mine = set(houses(user))
    staffed = set(
        StaffMember.objects.filter(organisation__in=concerned, role=StaffRole.HR.value).values_list(
            "organisation_id", flat=True
        )
    )
    rest = concerned - mine
    if concerned and not rest:
        return YES
    if rest and not rest & staffed and may_administer(user):
        return YES
    return no(_("The personnel of the organisation decides this."))


def visible_parcels(user: User) -> QuerySet[Parcel]:
    """What 1C is told of an organisation: its personnel's, and administrators'."""
    if may_administer(user):
        return Parcel.objects.all()
    return Parcel.objects.filter(organisation__in=houses(user))


def may_limit(user: User, organisation_id: int) -> Decision:
    return YES if organisation_id in houses(user) else no(NOT_YOURS)

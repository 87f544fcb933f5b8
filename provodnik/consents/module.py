"""The front door of consents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.consents.actions.telling import heard
from provodnik.consents.models import Consent
from provodnik.consents.policies import may_keep, visible_people
from provodnik.consents.queries.telling import KIND, untold
from provodnik.consents.states import Heard, Standing
from provodnik.consents.views.common import PERSON, SCAN
from provodnik.core.parts import Finding, NavItem, Part, address
from provodnik.people.policies import houses_of

Way = tuple[str, str, str, str]  # words, hint, address, icon


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Inside its own section alone: people come from their page, personnel from the directory. No statement."""
    user, home, mine = request.user, address("consents:index"), address("consents:mine")
    if not isinstance(user, User) or not request.path.startswith(home):
        return []
    group = _("More") if user.is_desk or user.is_administrator else ""
    if request.path.startswith((mine, f"{home}texts/")):
        return [NavItem(_("My consents"), mine, "file-signature", current=True, group=group)]
    return [NavItem(_("Consents"), home, "file-signature", current=True, group=group)]


def way_from_people(user: User) -> tuple[str, str, str] | None:
    """Beside the directory, for personnel."""
    return (_("Consents"), address("consents:index"), "file-signature") if houses_of(user).exists() else None


def beside_organisation(user: User, organisation_id: int) -> list[Way]:
    if not may_keep(user, organisation_id):
        return []
    told = _("Who has signed what, and the texts that are signed")
    return [(_("Consents"), told, f"{address('consents:index')}?organisation={organisation_id}", "file-signature")]


def beside_me(user: User) -> list[Way]:
    """On one's own page. No statement: whoever has that page may have signed something."""
    return [
        (
            _("My consents"),
            _("Personal data, electronic documents, signature"),
            address("consents:mine"),
            "file-signature",
        )
    ]


def beside_person(user: User, person_id: int) -> list[Way]:
    """On the page of somebody whose card the reader may see."""
    if not visible_people(user).filter(pk=person_id).exists():
        return []
    return [
        (
            _("Consents"),
            _("The person sees that you looked"),
            f"{address('consents:index')}people/{person_id}",
            "file-signature",
        )
    ]


def looked_at() -> dict[str, str]:
    return {PERSON: _("consents"), SCAN: _("scan of a consent")}


def check_consents() -> Iterable[Finding]:
    """What 1C has refused and nobody has settled."""
    refused = Consent.objects.filter(heard=Heard.REFUSED.value).count()
    if refused:
        yield Finding("warning", _("Consents that 1C has not taken: %(count)d.") % {"count": refused})
    else:
        given = Consent.objects.filter(standing=Standing.GIVEN.value).count()
        yield Finding("ok", _("Consents in force: %(count)d.") % {"count": given})


PART = Part(
    name="consents",
    menu=menu,
    checks=[("consents", check_consents)],
    extra={
        "exchange_gives": {KIND: untold},
        "exchange_answers": {KIND: heard},
        "looks_at_people": looked_at,
        "beside_people": way_from_people,
        "beside_organisation": beside_organisation,
        "beside_me": beside_me,
        "beside_person": beside_person,
        "former_may": {"consents:mine", "consents:mine_one", "consents:withdraw_own", "consents:text", "consents:scan"},
    },
)

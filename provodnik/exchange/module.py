"""The front door of the exchange: a line of the menu, a way from the directory, what doctor checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import Finding, NavItem, Part, address
from provodnik.exchange.models import Base, Batch, LeaveBalance, Parcel, Thing
from provodnik.exchange.policies import may_limit, may_look
from provodnik.exchange.queries.metering import exchange as metering
from provodnik.exchange.queries.reading import readings
from provodnik.exchange.queries.reconcile import LOOK
from provodnik.exchange.states import OPEN, State
from provodnik.exchange.trials import TRIALS
from provodnik.people.leave import Left

SILENT = timedelta(days=2)
UNANSWERED = timedelta(days=7)


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Inside the administration, and inside its own section: personnel come from the directory. No statement."""
    user, home = request.user, address("exchange:index")
    if not isinstance(user, User):
        return []
    here = request.path.startswith(home)
    if not here and not (user.is_administrator and request.path.startswith(address("settings:overview"))):
        return []
    return [NavItem(_("Exchange with 1C"), home, "arrow-up-down", current=here, group=_("Exchange"))]


def way_from_people(user: User) -> tuple[str, str, str] | None:
    """(words, address, icon) beside the directory, for whom there is an exchange."""
    return (_("Exchange with 1C"), address("exchange:index"), "arrow-up-down") if may_look(user) else None


def beside_organisation(user: User, organisation_id: int) -> list[tuple[str, str, str, str]]:
    """On the page of an organisation, for its personnel: how much an exchange may change without asking."""
    if not may_limit(user, organisation_id):
        return []
    told = _("How much 1C may change without asking a person")
    return [(_("Thresholds of the exchange"), told, address("exchange:limits"), "shield")]


def leave_of(places: Sequence[int]) -> dict[int, list[Left]]:
    """Employment → what 1C says is left of each kind of leave, for these."""
    found: dict[int, list[Left]] = {}
    for row in LeaveBalance.objects.filter(employment__in=places):
        found.setdefault(row.employment_id, []).append(Left(row.name, row.days.normalize() + 0, row.on))
    return found


def looked_at() -> dict[str, str]:
    return {LOOK: _("differences between the portal and 1C")}


def check_exchange() -> Iterable[Finding]:
    """Whether 1C speaks, whether somebody is asked, how much was not taken."""
    now = timezone.now()
    for base in Base.objects.filter(is_active=True):
        last = base.batches.filter(state=State.DONE.value).order_by("-pk").first()
        silent = last is None or last.at < now - SILENT
        text = (
            _("Exchange «%(name)s»: nothing has come for two days.") if silent else _("Exchange «%(name)s»: it speaks.")
        )
        yield Finding("warning" if silent else "ok", text % {"name": base.name})
    yield from readings(now)
    held = Batch.objects.filter(state=State.HELD.value).count()
    if held:
        yield Finding("warning", _("Batches of 1C that wait for personnel: %(count)d.") % {"count": held})
    waits = Parcel.objects.filter(answer="", given_at__lt=now - UNANSWERED).count()
    if waits:
        text = _("Requests that 1C was told of and has not answered for a week: %(count)d.")
        yield Finding("warning", text % {"count": waits})
    wrong = Thing.objects.filter(standing__in=OPEN).count()
    if wrong:
        yield Finding("warning", _("Objects of 1C that were not taken: %(count)d.") % {"count": wrong})


PART = Part(
    name="exchange",
    menu=menu,
    checks=[("exchange", check_exchange)],
    extra={
        "beside_people": way_from_people,
        "beside_organisation": beside_organisation,
        "leave_of": leave_of,
        "looks_at_people": looked_at,
        "metrics": metering,
        "trials": TRIALS,
    },
)

"""The front door of messages to phones: the way for parts, a line of the administration, what doctor checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import Finding, NavItem, Part, address
from provodnik.sms import actions, queries
from provodnik.sms.models import Sms
from provodnik.sms.trials import TRIALS


class Way:
    """accounts.texting.Texting."""

    def is_on(self) -> bool:
        return actions.is_on()

    def may_reset(self) -> bool:
        return actions.resets_on()

    def send(self, number: str, text: str, *, key: str, kind: str, at: datetime) -> None:
        actions.send(number, text, key=key, kind=kind, at=at)

    def fates(self, keys: Collection[str]) -> dict[str, str]:
        return dict(Sms.objects.filter(key__in=keys).values_list("key", "state"))


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Among the sections of administration. No statement."""
    user, home = request.user, address("sms:index")
    if not isinstance(user, User) or not user.is_administrator:
        return []
    if not request.path.startswith(address("settings:overview")):
        return []
    return [NavItem(_("SMS"), home, "smartphone", current=request.path.startswith(home), group=_("Exchange"))]


def check_messages() -> Iterable[Finding]:
    """Whether messages arrive at the gateway, and whether the day is nearly full. Nothing is said of what is off."""
    if not actions.is_on():
        return
    now = timezone.now()
    day = queries.today(at=now)
    stuck = Sms.objects.filter(state="pending", created_at__lt=now - timedelta(minutes=30)).count()
    if day.dead:
        yield Finding("warning", _("Messages to phones that were given up today: %(count)d.") % {"count": day.dead})
    if stuck:
        yield Finding("warning", _("Messages to phones that wait for half an hour: %(count)d.") % {"count": stuck})
    if day.left * 10 < day.all:
        yield Finding(
            "warning", _("The day's messages to phones are nearly used up: %(left)d left.") % {"left": day.left}
        )
    if not day.dead and not stuck:
        yield Finding("ok", _("Messages to phones go out."))


PART = Part(
    name="sms",
    menu=menu,
    checks=[("sms", check_messages)],
    extra={
        "texting": Way(),
        "trials": TRIALS,
    },
)

"""The front door of hooks: a line of the menu, a listener of the desk's facts, a check for doctor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import Finding, NavItem, Part, address
from provodnik.hooks.actions import erase
from provodnik.hooks.announce import hear
from provodnik.hooks.models import Delivery, Subscription
from provodnik.hooks.policies import may_keep
from provodnik.hooks.states import DeliveryState
from provodnik.hooks.trials import TRIALS


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Among the sections of administration; a lead, who is no administrator, finds it in his own menu."""
    user = request.user
    if not isinstance(user, User) or not may_keep(user):
        return []
    home = address("hooks:index")
    inside = request.path.startswith(address("settings:overview"))
    if user.is_administrator and not inside:
        return []
    group = _("Exchange") if user.is_administrator else _("More")
    paused = Subscription.objects.filter(is_active=True, paused_at__isnull=False).count() if inside else 0
    return [
        NavItem(
            _("Webhooks"),
            home,
            "send",
            current=request.path.startswith(home),
            counter=paused or "",
            tone="error" if paused else "",
            group=group,
        )
    ]


def check_receivers() -> Iterable[Finding]:
    """Receivers that are paused, and messages that were given up."""
    paused = Subscription.objects.filter(is_active=True, paused_at__isnull=False)
    for one in paused:
        yield Finding("warning", _("The webhook “%(name)s” does not answer and is paused.") % {"name": one.name})
    parked = Delivery.objects.filter(state=DeliveryState.PARKED.value).count()
    if parked:
        yield Finding("warning", _("Messages of webhooks that were given up: %(count)d.") % {"count": parked})
    if not paused and not parked:
        yield Finding("ok", _("All webhooks are told."))


PART = Part(
    name="hooks",
    menu=menu,
    listeners=[hear],
    checks=[("webhooks", check_receivers)],
    extra={"erase": [erase], "trials": TRIALS},
)

"""This machine's clock cannot be believed: administrators are told under the bell, once for each jump."""

from __future__ import annotations

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core import timekeeping
from provodnik.notify.actions import notify


def clock_is_doubted() -> None:
    doubt = timekeeping.doubt()
    if doubt is None:
        return
    notify(
        User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR.value]),
        key=f"clock:{doubt.believed.isoformat()}",
        text=_("The server's clock jumped: until it is right, nobody is told of deadlines. More: provodnik doctor."),
        at=doubt.believed,
        tone="error",
    )

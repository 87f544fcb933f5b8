"""The front door of federation: ways in, a line of the administration, what doctor checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core.parts import Finding, NavItem, Part, Whom, address
from provodnik.federation import words
from provodnik.federation.backends import is_password_of
from provodnik.federation.models import Directory, Identity, Provider
from provodnik.federation.states import CAME_BY
from provodnik.federation.trials import TRIALS


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Among the sections of administration. No statement."""
    user, home = request.user, address("federation:index")
    if not isinstance(user, User) or not user.is_administrator:
        return []
    if not request.path.startswith(address("settings:overview")):
        return []
    return [
        NavItem(
            _("Single sign-on"),
            home,
            "key-round",
            current=request.path.startswith(home),
            group=_("Exchange"),
        )
    ]


def ways_in(to: str) -> list[tuple[str, str, str, str]]:
    """(words, what it is, address, icon) below the form of signing in, one for each provider. `to`: where to after."""
    query = f"?{urlencode({'next': to})}" if to else ""
    return [
        (
            _("Sign in by “%(name)s”") % {"name": one.name},
            _("With the account that you have there"),
            reverse("federation:start", args=[one.pk]) + query,
            "key-round",
        )
        for one in Provider.objects.filter(is_active=True)[:10]
    ]


def after_sign_out(request: HttpRequest) -> str:
    """Where somebody who came by a provider is told that he is still signed in there."""
    pk = request.session.get(CAME_BY)
    return reverse("federation:left", args=[pk]) if isinstance(pk, int) else ""


def beside_profile(user: User) -> tuple[str, str, str, str] | None:
    """(words, what it is, address, icon) on one's own page, where there is anything to link."""
    if not user.identities.exists() and not Provider.objects.filter(is_active=True).exists():
        return None
    return _("By what else I sign in"), _("Directory and single sign-on"), address("federation:mine"), "link"


def forget(whom: Whom) -> list[int]:
    """Of a person who is erased: who he was elsewhere. No bytes are kept of that."""
    if whom.user is not None:
        Identity.objects.filter(user_id=whom.user).delete()
    return []


def check_sources() -> Iterable[Finding]:
    """Whether directories and providers answer, and whether somebody gets in without them."""
    rows: list[Directory | Provider] = [
        *Directory.objects.filter(is_active=True),
        *Provider.objects.filter(is_active=True),
    ]
    for row in rows:
        said = words.trouble(row.error) if row.error else _("answers.")
        yield Finding("warning" if row.error else "ok", f"{row.name}: {said}")
    administrators = User.objects.filter(is_active=True, is_external=False, roles__contains=[Role.ADMINISTRATOR])
    if rows and not any(one.has_usable_password() for one in administrators[:100]):
        yield Finding(
            "error",
            _("No administrator has a password of the portal itself: nobody gets in when the directory is down."),
        )


PART = Part(
    name="federation",
    menu=menu,
    checks=[("sign-in", check_sources)],
    extra={
        "ways_in": ways_in,
        "after_sign_out": after_sign_out,
        "checks_password": is_password_of,
        "beside_profile": beside_profile,
        "forget": [forget],
        "trials": TRIALS,
        "former_may": ["federation:mine", "federation:unlink_own"],
    },
)

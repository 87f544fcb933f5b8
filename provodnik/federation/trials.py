"""Trying directories of accounts and providers of sign-in."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.core.trials import Asked, Trial, Tried
from provodnik.federation import words
from provodnik.federation.ldap import client
from provodnik.federation.models import Directory, Provider
from provodnik.federation.oidc import provider as oidc
from provodnik.federation.oidc.tokens import Wrong
from provodnik.federation.setups import setup_of


def directories(asked: Asked) -> Iterator[Tried]:
    rows = list(Directory.objects.all())
    if not rows:
        yield Tried("ok", _("Directories"), _("None is set up."))
    for row in rows:
        try:
            steps = client.check(setup_of(row), now=asked.at)
        except (Unreadable, Refused):
            yield Tried("error", str(row), words.trouble("secret"))
            continue
        for step in steps:
            what = f"{row}, {step.server}"
            if step.code:
                told = f"{words.step(step.name)}: {words.trouble(step.code)}"
                yield Tried("error", what, told, _("Look at the directory's page: Administration, Sign-in."))
            else:
                told = _("It answers; accounts that were looked at: %(count)d.") % {"count": step.count}
                yield Tried("ok" if step.detail != "subject" else "error", what, told)


def providers(asked: Asked) -> Iterator[Tried]:
    rows = list(Provider.objects.all())
    if not rows:
        yield Tried("ok", _("Providers of sign-in"), _("None is set up."))
    oidc.known.forget()
    for row in rows:
        try:
            count = len(oidc.keys(oidc.metadata(row.issuer)))
        except Wrong as wrong:
            yield Tried(
                "error", str(row), words.trouble(wrong.code), _("Look at the provider's page: Administration, Sign-in.")
            )
        else:
            yield Tried("ok", str(row), _("It answers; keys that it tells: %(count)d.") % {"count": count})


TRIALS = (
    Trial("ldap", lambda: _("directories of accounts"), directories),
    Trial("oidc", lambda: _("providers of sign-in"), providers),
)

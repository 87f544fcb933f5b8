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


def _named(row: Directory | Provider) -> tuple[str, str]:
    """What it is called, and how bad it is when it does not answer: one that nobody signs in by is being set up."""
    if row.is_active:
        return str(row), "error"
    return _("%(name)s (switched off)") % {"name": row}, "warning"


def directories(asked: Asked) -> Iterator[Tried]:
    rows = list(Directory.objects.all())
    if not rows:
        yield Tried("ok", _("Directories"), _("None is set up."))
    for row in rows:
        name, bad = _named(row)
        try:
            steps = client.check(setup_of(row), now=asked.at)
        except (Unreadable, Refused):
            yield Tried(bad, name, words.trouble("secret"))
            continue
        for step in steps:
            what = f"{name}, {step.server}"
            if step.code:
                told = f"{words.step(step.name)}: {words.trouble(step.code)}"
                yield Tried(bad, what, told, _("Look at the directory's page: Administration, Single sign-on."))
            else:
                told = _("It answers; accounts that were looked at: %(count)d.") % {"count": step.count}
                yield Tried("ok" if step.detail != "subject" else bad, what, told)


def providers(asked: Asked) -> Iterator[Tried]:
    rows = list(Provider.objects.all())
    if not rows:
        yield Tried("ok", _("Providers of sign-in"), _("None is set up."))
    oidc.known.forget()
    for row in rows:
        name, bad = _named(row)
        try:
            count = len(oidc.keys(oidc.metadata(row.issuer)))
        except Wrong as wrong:
            todo = _("Look at the provider's page: Administration, Single sign-on.")
            yield Tried(bad, name, words.trouble(wrong.code), todo)
        else:
            yield Tried("ok", name, _("It answers; keys that it tells: %(count)d.") % {"count": count})


TRIALS = (
    Trial("ldap", lambda: _("directories of accounts"), directories),
    Trial("oidc", lambda: _("providers of sign-in"), providers),
)

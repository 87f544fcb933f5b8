"""Trying the ways to 1C: the folder of each base, and the base itself where it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from provodnik.core.trials import Asked, Trial, Tried
from provodnik.exchange.actions.opening import looked
from provodnik.exchange.models import Base, ODataAccess
from provodnik.exchange.odata import words


def bases(asked: Asked) -> Iterator[Tried]:
    rows = list(Base.objects.filter(is_active=True))
    if not rows:
        yield Tried("ok", _("Bases of 1C"), _("None is set up."))
    for base in rows:
        yield _folder(base)
        access = ODataAccess.objects.filter(base=base, is_on=True).first()
        if access is None:
            continue
        for one in looked(access, asked.at):
            title, name = words.set_title(str(one["set"])) if one["set"] else (_("The base itself"), "")
            what = f"{base}: {title}{f' ({name})' if name else ''}"
            if one["code"] == "ok":
                yield Tried("ok", what, _("Read; rows: %(count)s.") % {"count": one["count"]})
            else:
                todo = _("Look at the base's page: Exchange with 1C.")
                yield Tried("error", what, words.trouble(str(one["code"])), todo)


def _folder(base: Base) -> Tried:
    """1C puts files down there; none is no fault where it pushes or is read."""
    folder = Path(settings.EXCHANGE_DIR) / base.code
    what = _("%(base)s: folder %(folder)s") % {"base": base, "folder": folder}
    if not folder.exists():
        return Tried("warning", what, _("It is not there yet; it is made with the first look of the worker."))
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        todo = _("Give the program's account the right to read and write there.")
        return Tried("error", what, _("It can be neither read nor written."), todo)
    return Tried("ok", what, _("It can be read and written."))


TRIALS = (Trial("1c", lambda: _("folders and bases of 1C"), bases),)

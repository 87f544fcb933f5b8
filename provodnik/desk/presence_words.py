"""Who else has a request before him, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.utils.translation import gettext as _

from provodnik.desk.queries.beside import Looking
from provodnik.ui.text import short_name


def here_words(others: Sequence[Looking]) -> str:
    """«Светлова-Милорадова Г. К. смотрит, Верхоглядов И. М. пишет»"""
    told = []
    for one in others:
        if one.sending:
            words = _("%(name)s is sending")
        elif one.writing:
            words = _("%(name)s is writing")
        else:
            words = _("%(name)s is looking")
        told.append(words % {"name": short_name(one.name)})
    return ", ".join(told)


def mark_of(here: str) -> str:
    """By which a page tells what it knows, without names in its address."""
    return hashlib.sha256(here.encode()).hexdigest()[:8] if here else ""

"""What a prepared answer does besides its text, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from provodnik.desk.labels import PRIORITIES, RESOLUTIONS
from provodnik.desk.models import Macro, Tag
from provodnik.desk.models.workbench import MODES
from provodnik.ui.text import short_name


def deeds(macro: Macro) -> list[str]:
    """Short pieces, each a deed: «Уточнить», «приоритет → Высокий»."""
    told = []
    if macro.mode == "close" and macro.resolution:
        told.append(_("close, “%(resolution)s”") % {"resolution": dict(RESOLUTIONS)[macro.resolution]})
    elif macro.mode != "reply":
        told.append(str(dict(MODES)[macro.mode]))
    if macro.priority:
        told.append(_("priority → %(priority)s") % {"priority": dict(PRIORITIES)[macro.priority]})
    if macro.assign == Macro.Assign.ME:
        told.append(_("specialist → you"))
    elif macro.assign == Macro.Assign.NOBODY:
        told.append(_("specialist → nobody"))
    elif macro.assign == Macro.Assign.PERSON and macro.assignee is not None:
        told.append(_("specialist → %(name)s") % {"name": short_name(macro.assignee.full_name)})
    if macro.tags:
        tags = Tag.objects.filter(pk__in=macro.tags).values_list("name", flat=True)
        told.append(_("tags: %(names)s") % {"names": ", ".join(tags)})
    return told

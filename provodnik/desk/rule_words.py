"""A rule of assignment as a line that people read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from provodnik.desk.models import AssignmentRule


def conditions(rule: AssignmentRule) -> str:
    """What a request must be for it."""
    parts = []
    if rule.subsystem is not None:
        parts.append(_("subsystem “%(name)s”") % {"name": rule.subsystem.name})
    if rule.customer is not None:
        parts.append(_("customer “%(name)s”") % {"name": rule.customer})
    if rule.type:
        parts.append(_("type “%(name)s”") % {"name": rule.get_type_display()})
    if rule.priority:
        parts.append(_("priority “%(name)s”") % {"name": rule.get_priority_display()})
    return ", ".join(parts) or _("any request")


def told(rule: AssignmentRule) -> str:
    return _("%(conditions)s → %(team)s") % {"conditions": conditions(rule), "team": rule.team.name}

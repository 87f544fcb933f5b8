"""The regulation's own words for its states, as Django choices (texts: R5, R8, R10, R11; I5, I7)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from provodnik.desk.states import Impact, Priority, Resolution, Status, TicketType

STATUSES = [
    (Status.CREATED.value, _("Created")),
    (Status.IN_PROGRESS.value, _("In progress")),
    (Status.CLARIFICATION.value, _("Clarification")),
    (Status.DONE.value, _("Done")),
]
PRIORITIES = [
    (Priority.URGENT.value, _("Urgent")),
    (Priority.HIGH.value, _("High")),
    (Priority.MEDIUM.value, _("Medium")),
    (Priority.LOW.value, _("Low")),
]
PRIORITY_DEFINITIONS = {
    Priority.URGENT.value: _("The system with all its subsystems is down or about to be. All users are affected."),
    Priority.HIGH.value: _("A defect of one subsystem: data cannot be entered and one cannot work in it in real time."),
    Priority.MEDIUM.value: _("A subsystem works badly: information cannot be got out of it."),
    Priority.LOW.value: _(
        "Wishes on speed, looks and new functions, and typical requests solved with instructions and memos."
    ),
}
TYPES = [
    (TicketType.DEFECT.value, _("Defect report")),
    (TicketType.QUESTION.value, _("Information request")),
]
RESOLUTIONS = [
    (Resolution.SOLVED.value, _("Solved")),
    (Resolution.NOT_REPRODUCED.value, _("Not reproduced")),
    (Resolution.USER_ERROR.value, _("User error")),
    (Resolution.INFRASTRUCTURE.value, _("Infrastructure")),
    (Resolution.COMPLAINT.value, _("Complaint")),
    (Resolution.REFUSED.value, _("Refused to do")),
    (Resolution.WITHDRAWN.value, _("Withdrawn by the user")),
]
IMPACTS = [
    (Impact.NOTHING_WORKS.value, _("Nothing works for anybody")),
    (Impact.CANNOT_ENTER.value, _("I cannot enter data or work in a section")),
    (Impact.CANNOT_GET.value, _("I cannot get data out of a section")),
    (Impact.QUESTION.value, _("A question or a wish")),
]
IMPACT_HINTS = {
    Impact.NOTHING_WORKS.value: _("The portal does not open or is about to stop"),
    Impact.CANNOT_ENTER.value: _("The rest opens"),
    Impact.CANNOT_GET.value: _("For example, a payslip does not open"),
    Impact.QUESTION.value: _("How to do it, slow, inconvenient"),
}

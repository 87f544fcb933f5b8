"""Tables of the desk."""

from provodnik.desk.models.bulk import BulkItem, BulkRun
from provodnik.desk.models.calendars import Calendar, CalendarException, ProductionDay
from provodnik.desk.models.customers import Contact, Contract, Customer, Subsystem
from provodnik.desk.models.links import LinkKind, Merge, TicketLink
from provodnik.desk.models.marks import FieldDefinition, Tag, TicketFields, TicketTag
from provodnik.desk.models.notices import DeadlineNotice
from provodnik.desk.models.retention import LegalHold, RetentionRule
from provodnik.desk.models.teams import (
    Absence,
    AssignmentRule,
    DryRun,
    DutyCycle,
    DutyDay,
    DutyShift,
    Escalation,
    Team,
    TeamMember,
)
from provodnik.desk.models.tickets import (
    Attachment,
    EventKind,
    Message,
    MessageKind,
    Ticket,
    TicketEvent,
    TicketSearch,
)
from provodnik.desk.models.watching import Watcher
from provodnik.desk.models.workbench import Macro, Preference, Presence, SavedView, Unsent, UnsentFile

__all__ = [
    "Absence",
    "AssignmentRule",
    "Attachment",
    "BulkItem",
    "BulkRun",
    "Calendar",
    "CalendarException",
    "Contact",
    "Contract",
    "Customer",
    "DeadlineNotice",
    "DryRun",
    "DutyCycle",
    "DutyDay",
    "DutyShift",
    "Escalation",
    "EventKind",
    "FieldDefinition",
    "LegalHold",
    "LinkKind",
    "Macro",
    "Merge",
    "Message",
    "MessageKind",
    "Preference",
    "Presence",
    "ProductionDay",
    "RetentionRule",
    "SavedView",
    "Subsystem",
    "Tag",
    "Team",
    "TeamMember",
    "Ticket",
    "TicketEvent",
    "TicketFields",
    "TicketLink",
    "TicketSearch",
    "TicketTag",
    "Unsent",
    "UnsentFile",
    "Watcher",
]

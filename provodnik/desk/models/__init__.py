"""Tables of the desk."""

from provodnik.desk.models.calendars import Calendar, CalendarException, ProductionDay
from provodnik.desk.models.customers import Contact, Contract, Customer, Subsystem
from provodnik.desk.models.notices import DeadlineNotice
from provodnik.desk.models.tickets import (
    Attachment,
    EventKind,
    Message,
    MessageKind,
    Ticket,
    TicketEvent,
    TicketSearch,
)

__all__ = [
    "Attachment",
    "Calendar",
    "CalendarException",
    "Contact",
    "Contract",
    "Customer",
    "DeadlineNotice",
    "EventKind",
    "Message",
    "MessageKind",
    "ProductionDay",
    "Subsystem",
    "Ticket",
    "TicketEvent",
    "TicketSearch",
]

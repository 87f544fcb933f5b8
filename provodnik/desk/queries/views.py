"""The saved views of the workbench: one table serves the list, the counter and the address.

A view is a condition on tickets that the asker may see at all; no view opens more than `visible_tickets` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core import prepared
from provodnik.desk.models import Contact, Ticket
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.policies import visible_tickets
from provodnik.desk.states import Priority, Status
from provodnik.notify.queries import unread_notices

SOON = timedelta(hours=2)
MOST_COUNTED = 100  # a counter never reads more rows than this, however long the queue: then it says «99+»

Condition = Callable[[User, datetime], Q]

# The clock runs: deadlines of other requests say nothing at this moment.
_RUNNING = Q(status__in=[Status.CREATED.value, Status.IN_PROGRESS.value])
_DONE = Q(status=Status.DONE.value)


@dataclass(frozen=True, slots=True)
class View:
    """A saved view. `tone` colours its counter; `archive`: closed requests, the last closed first."""

    key: str
    label: str | Promise
    icon: str
    group: str | Promise
    condition: Condition
    tone: str = ""
    archive: bool = False
    counted: bool = True
    empty: str | Promise = ""
    leads: bool = False  # stands in the menu of leads alone


def _mine(user: User) -> Q:
    return OPEN & Q(assignee_id=user.pk)


def _soon(now: datetime) -> Q:
    return _RUNNING & Q(due_at__gte=now, due_at__lt=now + SOON)


_MINE, _SHARED, _ENDED = _("Mine"), _("Shared"), _("Closed ones")

_ALL: tuple[View, ...] = (
    View(
        "mine",
        _("All mine"),
        "user",
        _MINE,
        lambda user, now: _mine(user),
        empty=_("Nothing is assigned to you. Take something from “New” or “Unassigned”."),
    ),
    View(
        "mine_answered",
        _("Answer received"),
        "corner-up-left",
        _MINE,
        lambda user, now: _mine(user) & Q(queue_rank=0),
        tone="warning",
        empty=_("Nobody waits for your reaction."),
    ),
    View(
        "mine_soon",
        _("Due in less than 2 h"),
        "timer",
        _MINE,
        lambda user, now: _mine(user) & _soon(now),
        tone="error",
        empty=_("None of your requests is due within two hours."),
    ),
    View(
        "new",
        _("New"),
        "inbox",
        _SHARED,
        lambda user, now: Q(status=Status.CREATED.value),
        empty=_("Everything that came in has been taken up."),
    ),
    View(
        "unassigned",
        _("Unassigned"),
        "circle-dashed",
        _SHARED,
        lambda user, now: OPEN & Q(assignee=None),
        empty=_("Every open request has its specialist."),
    ),
    View(
        "answered",
        _("Answers of users"),
        "message-circle",
        _SHARED,
        lambda user, now: OPEN & Q(queue_rank=0),
        tone="warning",
        empty=_("No answer is waiting to be read."),
    ),
    View(
        "soon",
        _("Deadline is near"),
        "clock",
        _SHARED,
        lambda user, now: _soon(now),
        tone="error",
        empty=_("No request is due within two hours."),
    ),
    View(
        "overdue",
        _("Overdue"),
        "triangle-alert",
        _SHARED,
        lambda user, now: _RUNNING & Q(due_at__lt=now),
        tone="error",
        empty=_("Nothing is overdue."),
    ),
    View(
        "clarification",
        _("In clarification"),
        "circle-pause",
        _SHARED,
        lambda user, now: Q(status=Status.CLARIFICATION.value),
        empty=_("No request waits for clarifications."),
    ),
    View(
        "urgent",
        _("Urgent ones"),
        "siren",
        _SHARED,
        lambda user, now: OPEN & Q(priority=Priority.URGENT.value),
        tone="error",
        empty=_("No urgent request is open."),
    ),
    View(
        "complaints",
        _("Complaints"),
        "megaphone",
        _SHARED,
        lambda user, now: OPEN & Q(complains_of__isnull=False),
        tone="error",
        empty=_("No complaint waits for an answer."),
        leads=True,
    ),
    View(
        "open",
        _("All open"),
        "layout-list",
        _SHARED,
        lambda user, now: OPEN,
        empty=_("Everything is closed. New requests will appear here by themselves."),
    ),
    View(
        "undelivered",
        _("Not told yet"),
        "mail",
        _ENDED,
        lambda user, now: _DONE & Q(undelivered=True),
        tone="error",
        archive=True,
        empty=_("Every closing notice has arrived."),
    ),
    View(
        "today",
        _("Closed today"),
        "circle-check",
        _ENDED,
        lambda user, now: _DONE & Q(closed_at__gte=midnight(now)),
        archive=True,
        empty=_("Nothing has been closed today."),
    ),
    View(
        "closed",
        _("All closed"),
        "archive",
        _ENDED,
        lambda user, now: _DONE,
        archive=True,
        counted=False,
        empty=_("Nothing has been closed yet."),
    ),
)
VIEWS: Mapping[str, View] = {view.key: view for view in _ALL}
DEFAULT_VIEW = "mine"


def midnight(now: datetime) -> datetime:
    """When today began, in the installation's time zone."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def tickets_of(view: View, user: User, now: datetime) -> QuerySet[Ticket]:
    """What the view shows to this person, in no order yet."""
    return visible_tickets(user).filter(view.condition(user, now))


UNREAD = "unread"
CONTACT = "contact"


def counters(user: User, now: datetime) -> dict[str, int]:
    """How many requests each counted view has, up to MOST_COUNTED each, in one statement; under UNREAD, how many
    notices the person has not read; under CONTACT, 1 if he is somebody's contact as well."""
    if user.is_desk:
        statement, keys = _for_desk(lead=user.is_lead)
        row = statement.fetch(filled(user, now))[0]
    else:
        sql, values, keys = _statement(user, now)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone() or ()
    return dict(zip(keys, row, strict=True))


def _statement(user: User, now: datetime) -> tuple[str, list[Any], list[str]]:
    """The statement that counts, its values, and what its columns are."""
    parts: list[str] = []
    values: list[Any] = []
    keys: list[str] = []
    for view in VIEWS.values():
        if not view.counted:
            continue
        chosen = tickets_of(view, user, now).order_by().values("queue_rank")[:MOST_COUNTED]
        sql, parameters = chosen.query.sql_with_params()
        parts.append(_counted(sql))
        values += parameters
        keys.append(view.key)
    sql, parameters = unread_notices(user).values("pk").query.sql_with_params()
    parts.append(_counted(sql))
    values += parameters
    keys.append(UNREAD)
    sql, parameters = Contact.objects.filter(user_id=user.pk).order_by().values("pk").query.sql_with_params()
    parts.append(_counted(sql))
    values += parameters
    keys.append(CONTACT)
    return "SELECT " + ", ".join(parts), values, keys


# The statements of specialists are the same for all but for the person and the moment, and so are those of leads (whom
# nothing is kept from). Writing one costs more than running it: it is written once for nobody at no time, and these are
# put in where they stand.
NOBODY = -1
NO_TIME = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
STAND_INS: Mapping[Any, str] = {NOBODY: "user", NO_TIME: "now", NO_TIME + SOON: "soon", midnight(NO_TIME): "midnight"}


def somebody(*, lead: bool) -> User:
    """Nobody of the desk, for whom statements are written."""
    return User(pk=NOBODY, roles=[Role.LEAD.value if lead else Role.SPECIALIST.value])


@cache
def _for_desk(*, lead: bool) -> tuple[prepared.Statement, list[str]]:
    sql, values, keys = _statement(somebody(lead=lead), NO_TIME)
    return prepared.of_sql(sql, values, STAND_INS), keys


def filled(user: User, now: datetime) -> dict[str, Any]:
    """What stands in for STAND_INS."""
    return {"user": user.pk, "now": now, "soon": now + SOON, "midnight": midnight(now)}


def _counted(sql: str) -> str:
    return f"(SELECT count(*) FROM ({sql}) AS bounded)"  # noqa: S608 - the query builder wrote it; values stay apart


def shown(count: int) -> str:
    """«38», «99+»."""
    return str(count) if count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"

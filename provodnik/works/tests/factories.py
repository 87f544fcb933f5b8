"""Works for tests, made by the real actions."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from provodnik.accounts.models import User
from provodnik.desk.tests.factories import HOUR, NOW, LeadFactory
from provodnik.works.actions import leading
from provodnik.works.actions.leading import NewWork
from provodnik.works.models import Work
from provodnik.works.states import Kind

DAY = timedelta(days=1)


def new_work(**fields: Any) -> NewWork:
    """Planned works in five days, four hours long."""
    fields = {
        "kind": Kind.PLANNED,
        "title": "Обновление раздела «Расчётные листки»",
        "text": "Портал встанет на новую версию.",
        "starts_at": NOW + 5 * DAY,
        "ends_at": NOW + 5 * DAY + 4 * HOUR,
        **fields,
    }
    return NewWork(**fields)


def make_draft(*, by: User | None = None, at: datetime = NOW, **fields: Any) -> Work:
    return leading.draft(new_work(**fields), key=uuid.uuid4(), by=by or LeadFactory.create(), at=at)


def make_announced(*, by: User | None = None, at: datetime = NOW, **fields: Any) -> Work:
    by = by or LeadFactory.create()
    return leading.announce(make_draft(by=by, at=at, **fields).pk, by=by, at=at)


def make_incident(*, by: User | None = None, at: datetime = NOW, **fields: Any) -> Work:
    """An incident that is going on since `at`."""
    by = by or LeadFactory.create()
    fields = {
        "kind": Kind.INCIDENT,
        "title": "Не открываются расчётные листки",
        "starts_at": at,
        "ends_at": None,
        "unavailable": True,
        **fields,
    }
    return leading.begin(make_draft(by=by, at=at, **fields).pk, by=by, at=at)

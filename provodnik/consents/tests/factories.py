"""Consents for tests, made by the real actions."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from provodnik.accounts.models import User
from provodnik.consents.actions import editions, marking
from provodnik.consents.models import Consent, Edition
from provodnik.consents.states import About
from provodnik.core.uploads import NewFile
from provodnik.desk.tests.factories import NOW
from provodnik.people.models import Employment
from provodnik.people.tests.factories import TODAY

SINCE = date(2025, 9, 1)
SIGNED = date(2025, 9, 15)
PNG = NewFile("согласие.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)


def an_edition(house: int, by: User, about: About = About.DATA, **more: Any) -> Edition:
    values: dict[str, Any] = {"name": "Редакция от 01.09.2025", "text": "Даю согласие на фото.", "since": SINCE} | more
    return editions.make_edition(house, about, **values, key=uuid.uuid4(), by=by, at=NOW)


def a_consent(place: Employment, edition: Edition, by: User, *scans: NewFile, **more: Any) -> Consent:
    values: dict[str, Any] = {"key": uuid.uuid4(), "at": NOW, "on": TODAY, "given_on": SIGNED} | more
    return marking.mark(place.person_id, edition.pk, values.pop("given_on"), scans, by=by, **values)

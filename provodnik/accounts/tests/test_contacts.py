"""A contact is confirmed by a code (safety A53, cabinet B1.3, B9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from provodnik.accounts import texting, tokens
from provodnik.accounts.actions.contacts import (
    LASTS,
    MOST_OF_VALUE,
    MOST_OF_WHOM,
    PAUSE,
    TRIES,
    confirm,
    send_code,
    waiting,
)
from provodnik.accounts.announce import contact_changed, send_code_letter, send_contact_changed, send_reset
from provodnik.accounts.models import ContactCode, Way
from provodnik.accounts.tokens import Purpose
from provodnik.core.decisions import Refused
from provodnik.core.secrets import seal, unseal
from provodnik.desk.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PHONE, EMAIL = "+79123456789", "petrova@example.org"


@dataclass
class Phone:
    """A gateway that remembers."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)

    def is_on(self) -> bool:
        return True

    def may_reset(self) -> bool:
        return True

    def fates(self, keys: object) -> dict[str, str]:
        return {}

    def send(self, number: str, text: str, *, key: str, kind: str, at: datetime) -> None:
        self.sent.append((number, text, kind))


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    one = Phone()
    monkeypatch.setattr(texting, "_texting", lambda: one)
    return one


def code_of(row: ContactCode) -> str:
    return unseal(row.sealed)


def test_a_phone_is_proved_once(phone: Phone) -> None:
    now = timezone.now()
    row = send_code(Way.PHONE, PHONE, about="person:1", at=now)
    row.refresh_from_db()
    [(number, text, kind)] = phone.sent
    found = re.match(r"\d{7}\b", text)
    assert found and number == PHONE and kind == "code" and row.sealed == ""
    code = found[0]
    assert waiting(Way.PHONE, about="person:1", at=now) == row
    for about in ("person:2", "person:11", ""):
        with pytest.raises(Refused):
            confirm(Way.PHONE, code, about=about, at=now)
    with pytest.raises(Refused):
        confirm(Way.EMAIL, code, about="person:1", at=now)
    assert confirm(Way.PHONE, f" {code[:3]} {code[3:]} ", about="person:1", at=now) == PHONE
    with pytest.raises(Refused):
        confirm(Way.PHONE, code, about="person:1", at=now)
    assert waiting(Way.PHONE, about="person:1", at=now) is None


@pytest.mark.parametrize("typed", [None, "", [], ["1234567"], {}, 0, "0", "12345678", "абвгдеж", "1" * 10_000])
def test_what_is_no_code_equals_nothing(typed: object) -> None:
    now = timezone.now()
    row = send_code(Way.EMAIL, EMAIL, about="person:1", at=now)
    if code_of(row) == typed:  # one in ten millions
        return
    with pytest.raises(Refused):
        confirm(Way.EMAIL, typed, about="person:1", at=now)


def test_five_mistakes_time_and_a_newer_one_end_a_code() -> None:
    now = timezone.now()
    row = send_code(Way.EMAIL, EMAIL, about="person:1", at=now)
    code = code_of(row)
    wrong = f"{(int(code) + 1) % 10**7:07}"
    for _try in range(TRIES):
        with pytest.raises(Refused):
            confirm(Way.EMAIL, wrong, about="person:1", at=now)
    with pytest.raises(Refused):
        confirm(Way.EMAIL, code, about="person:1", at=now)

    later = now + PAUSE
    second = send_code(Way.EMAIL, EMAIL, about="person:1", at=later)
    third = send_code(Way.EMAIL, EMAIL, about="person:1", at=later + PAUSE)
    second.refresh_from_db()
    assert second.voided_at is not None and second.sealed == ""
    with pytest.raises(Refused):
        confirm(Way.EMAIL, code_of(third), about="person:1", at=later + PAUSE + LASTS)
    assert confirm(Way.EMAIL, code_of(third), about="person:1", at=later + PAUSE + LASTS / 2) == EMAIL


def test_nobody_is_flooded() -> None:
    now = timezone.now()
    send_code(Way.EMAIL, EMAIL, about="person:1", at=now)
    with pytest.raises(Refused):
        send_code(Way.EMAIL, EMAIL, about="person:1", at=now + timedelta(seconds=5))
    for whom in range(2, MOST_OF_VALUE + 1):
        send_code(Way.EMAIL, EMAIL, about=f"person:{whom}", at=now)
    with pytest.raises(Refused):
        send_code(Way.EMAIL, EMAIL, about="person:100", at=now)
    for step in range(1, MOST_OF_WHOM):
        send_code(Way.EMAIL, f"a{step}@example.org", about="person:1", at=now + step * PAUSE)
    with pytest.raises(Refused):
        send_code(Way.EMAIL, "last@example.org", about="person:1", at=now + MOST_OF_WHOM * PAUSE)


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (Way.PHONE, "89123456789"),
        (Way.PHONE, "+7 912 345"),
        (Way.PHONE, ""),
        (Way.PHONE, "+79123456789\n"),
        (Way.EMAIL, "no"),
        (Way.EMAIL, "A@Example.org"),
        (Way.EMAIL, "a@example.org\nBcc: b@example.org"),
    ],
)
def test_what_is_no_contact_gets_nothing(phone: Phone, way: Way, value: str) -> None:
    with pytest.raises(Refused):
        send_code(way, value, about="person:1", at=timezone.now())
    assert phone.sent == [] and not ContactCode.objects.exists()


def test_without_a_gateway_a_phone_is_refused_in_words() -> None:
    with pytest.raises(Refused) as refused:
        send_code(Way.PHONE, PHONE, about="person:1", at=timezone.now())
    assert refused.value.field == "value"


def test_letters_hold_the_code_and_no_name(phone: Phone, settings: object) -> None:
    now = timezone.now()
    row = send_code(Way.EMAIL, EMAIL, about="person:1", at=now)
    code = code_of(row)
    send_code_letter(row.pk)
    send_code_letter(row.pk)
    [letter] = mail.outbox
    assert code in letter.body and letter.to == [EMAIL]
    row.refresh_from_db()
    assert row.sealed == ""
    send_contact_changed("email", "email", seal("old@example.org"), now.isoformat())
    send_contact_changed("email", "phone", seal(PHONE), now.isoformat())
    assert mail.outbox[-1].to == ["old@example.org"] and phone.sent[-1][0] == PHONE
    contact_changed(Way.EMAIL, to=[(Way.EMAIL, ""), (Way.PHONE, PHONE)], at=now)


def test_a_forgotten_password_goes_to_a_proved_phone_where_there_is_no_address(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = UserFactory.create(login="ivan", email="")
    elsewhere = UserFactory.create(login="anna", email="", is_external=True)
    monkeypatch.setattr(texting, "phone_of", lambda user_id: PHONE if user_id in (user.pk, elsewhere.pk) else "")
    for login in ("ivan", "ivan", "anna", "nemo"):  # once in five minutes; never where the password is not ours
        send_reset(seal(login))
    [(number, text, kind)] = phone.sent
    found = re.search(r"/reset/([^/]+)/", text)
    assert (number, kind) == (PHONE, "reset") and found is not None and user.full_name not in text
    assert tokens.read(found[1], Purpose.RESET) == user

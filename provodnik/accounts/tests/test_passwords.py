"""What is refused as a password (safety A54)."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from provodnik.accounts.models import User

USER = User(login="rozhdestvenskaya", email="a.rozhdestvenskaya@chv.example", full_name="Рождественская Александра")


@pytest.mark.parametrize(
    "password",
    [
        "короткий",
        "1234567890",
        "password123",
        "qwertyuiop",
        "Пароль1234",
        "пароль 2026!",
        "gfhjkm2026!",
        "Росводоканал-2026",
        "PROводник2026",
        "йцукенгшщз",
        "аааааааааааа",
        "rozhdestvenskaya1",
        "Рождественская1",
        "x" * 1001,
    ],
)
def test_refused(password):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, USER)
    assert all(message for message in refusal.value.messages)


@pytest.mark.parametrize(
    "password", ["правильный конь батарея", "Труба 40 мм, вентиль слева", "k7#Vw!pQ2z@m", "ё" * 3 + "лки зелёные" * 80]
)
def test_accepted(password):
    validate_password(password, USER)

"""What makes a password: long enough, not megabytes, not one that everybody tries first. Checked without a network."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from provodnik.accounts.backends import LONGEST_PASSWORD
from provodnik.accounts.models import User

COMMON = Path(__file__).parent / "data" / "common_passwords_ru.txt"
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
# «gfhjkm» is «пароль» typed in the other layout: the first thing that guessers know.
_OTHER_LAYOUT = str.maketrans(_LATIN + _LATIN.upper(), _RUSSIAN * 2)
_NOISE = re.compile(r"[\s\d_!@#$%^&*().,\-+=?]+")


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


@cache
def common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(line.strip()) for line in lines if line.strip() and not line.startswith("#"))


class NotTooLong:
    """Hashing megabytes is an attack on the processor (CVE-2023-30082 of osTicket)."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(
                _("The password is longer than %(limit)d characters.") % {"limit": LONGEST_PASSWORD},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return ""


class NotCommonInRussian:
    """Refuses the usual Russian words, names of the company and of the product, also with figures and signs around
    them, and typed in the other keyboard layout."""

    def validate(self, password: str, user: User | None = None) -> None:
        text = password[:200]
        for form in (_plain(text), _plain(text.translate(_OTHER_LAYOUT))):
            bare = _NOISE.sub("", form)
            if form in common() or bare in common() or len(set(bare)) == 1:
                raise ValidationError(
                    _("This password is tried first by those who guess. Choose several words in a row."),
                    code="password_too_common",
                )

    def get_help_text(self) -> str:
        return _("Not a usual word with figures, nor the name of the company or of this portal.")

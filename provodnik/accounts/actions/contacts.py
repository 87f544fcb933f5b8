"""Confirm a contact by a code: somebody proves that he reads what comes to a phone or an e-mail address.

    send_code(Way.PHONE, "+79123456789", about="person:17", at=now)
    value = confirm(Way.PHONE, typed, about="person:17", at=now)     # the value that was proved; raises Refused

What the proof is good for is the caller's business: he writes the confirmed value down. The reach of a code: ten
minutes, five tries, one use, one living code for a thing and a way (safety A53, ASVS 6.5.1-6.5.5).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from provodnik.accounts import announce, codes, texting
from provodnik.accounts.models import ContactCode, Way
from provodnik.core.decisions import Refused
from provodnik.core.secrets import key_for, seal

DIGITS = 7  # 23 bits: six would be less than the twenty that ASVS 6.5.4 asks for
LASTS = timedelta(minutes=10)
TRIES = 5
PAUSE = timedelta(minutes=1)  # between two codes for one thing
DAY = timedelta(days=1)
MOST_OF_WHOM = 10  # codes a day for one thing, by whatever way
MOST_OF_VALUE = 5  # codes a day to one phone or address, whoever asks: nobody's phone is to be flooded

_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")  # E.164
_SEVEN = re.compile(f"[0-9]{{{DIGITS}}}")


def why_not(way: Way) -> str | Promise:
    """Why no code can be sent this way; "" when it can."""
    if way is Way.PHONE and not texting.is_on():
        return gettext_lazy("This installation sends no messages to phones.")
    return ""


def is_contact(way: Way, value: str) -> bool:
    """Whether the value is a phone as + and digits, or an e-mail address in lower case."""
    if way is Way.PHONE:
        return _PHONE.fullmatch(value) is not None
    try:
        validate_email(value)
    except ValidationError:
        return False
    return len(value) <= 254 and value == value.lower()


def _digest(about: str, way: str, code: str) -> str:
    told = f"{about}\n{way}\n{code}".encode()
    return hmac.new(key_for("contact-codes"), told, hashlib.sha256).hexdigest()


def _lock(*names: str) -> None:
    """Askings of one thing, and for one contact, are counted one after another."""
    keys = sorted(int(hashlib.sha256(f"contact-code:{name}".encode()).hexdigest()[:15], 16) for name in names)
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def send_code(way: Way, value: str, *, about: str, at: datetime) -> ContactCode:
    """A new code goes to a phone (+ and digits) or an address (lower case); the one before it is worthless.

    `about`: of whom or what it is the proof, like "person:17". Raises Refused (field "value")."""
    if reason := why_not(way):
        raise Refused(reason, "value")
    if not is_contact(way, value):
        words = _("This is no phone number.") if way is Way.PHONE else _("This is no e-mail address.")
        raise Refused(words, "value")
    with transaction.atomic():
        _lock(about, value)
        _refuse_too_many(about, value, at=at)
        living = ContactCode.objects.filter(about=about, way=way, used_at__isnull=True, voided_at__isnull=True)
        living.update(voided_at=at, sealed="")
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        row = ContactCode.objects.create(
            about=about,
            way=way,
            value=value,
            digest=_digest(about, way, code),
            sealed=seal(code),
            made_at=at,
            expires_at=at + LASTS,
        )
        announce.send_contact_code(row, code, at=at)
    return row


def _refuse_too_many(about: str, value: str, *, at: datetime) -> None:
    of_whom = ContactCode.objects.filter(about=about, made_at__gt=at - DAY)
    last = of_whom.order_by("-made_at").first()
    if last is not None and at < last.made_at + PAUSE:
        left = max(1, round((last.made_at + PAUSE - at).total_seconds()))
        words = ngettext(
            "A code is on its way. In %(count)d second you can ask for another one.",
            "A code is on its way. In %(count)d seconds you can ask for another one.",
            left,
        )
        raise Refused(words % {"count": left}, "value")
    to_value = ContactCode.objects.filter(value=value, made_at__gt=at - DAY)
    if of_whom.count() >= MOST_OF_WHOM or to_value.count() >= MOST_OF_VALUE:
        raise Refused(_("Too many codes were sent today. Try again tomorrow."), "value")


def waiting(way: Way, *, about: str, at: datetime) -> ContactCode | None:
    """The code that is expected now, for a page that asks for it."""
    return ContactCode.objects.filter(
        about=about, way=way, used_at__isnull=True, voided_at__isnull=True, expires_at__gt=at
    ).first()


def confirm(way: Way, typed: object, *, about: str, at: datetime) -> str:
    """The phone or address that is proved now; of two uses of one code at once one wins. Raises Refused (field "code").

    Not to be called within a transaction (it refuses by RuntimeError): a wrong try is counted, and a caller who rolls
    back would count none. Write the proof down afterwards."""
    right, row = _judged(way, codes.plain(typed), about=about, at=at)
    if row is None:
        raise Refused(_("This code has run out. Ask for a new one."), "code")
    if not right:
        left = TRIES - row.tries
        if left <= 0:
            raise Refused(_("The code was wrong five times and is worthless now. Ask for a new one."), "code")
        words = ngettext(
            "The code is not right. %(count)d try is left.", "The code is not right. %(count)d tries are left.", left
        )
        raise Refused(words % {"count": left}, "code")
    return row.value


def _judged(way: Way, typed: str, *, about: str, at: datetime) -> tuple[bool, ContactCode | None]:
    with transaction.atomic(durable=True):
        living = ContactCode.objects.select_for_update().filter(
            about=about, way=way, used_at__isnull=True, voided_at__isnull=True
        )
        row = living.first()
        if row is None or row.expires_at <= at:
            return False, None
        if _SEVEN.fullmatch(typed) and hmac.compare_digest(row.digest, _digest(about, way, typed)):
            row.used_at = at
            row.save(update_fields=["used_at"])
            return True, row
        row.tries += 1
        row.voided_at = at if row.tries >= TRIES else None
        row.save(update_fields=["tries", "voided_at"])
        return False, row

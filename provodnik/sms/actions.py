"""Ask for a message; set the gateway up."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.core.decisions import Refused, require
from provodnik.core.secrets import key_for, seal
from provodnik.sms import announce
from provodnik.sms.models import Gateway, Sms
from provodnik.sms.states import good_until_after, masked

DAY = timedelta(days=1)
LONGEST = 500  # signs: seven parts of a message in Cyrillic
FIELDS = [
    "is_active", "method", "address", "headers", "kind", "body", "wanted", "prefixes", "most_a_number", "most_a_day",
    "resets",
]  # fmt: skip


def digest(number: str) -> str:
    return hmac.new(key_for("phones"), number.encode(), hashlib.sha256).hexdigest()


def is_on() -> bool:
    return Gateway.objects.filter(pk=Gateway.ONLY, is_active=True).exists()


def resets_on() -> bool:
    """Whether a forgotten password may be mended by a message to a phone."""
    return Gateway.objects.filter(pk=Gateway.ONLY, is_active=True, resets=True).exists()


def send(number: str, text: str, *, key: str, kind: str, at: datetime) -> Sms:
    """Within the current transaction; the same key again is the message of before. Raises Refused: the gateway is off,
    the number is none of those that it may write to, or the day is full (messages cost money: «SMS pumping»)."""
    with transaction.atomic():
        gateway = Gateway.objects.filter(pk=Gateway.ONLY, is_active=True).first()
        if gateway is None:
            raise Refused(_("This installation sends no messages to phones."))
        known = Sms.objects.filter(key=key).first()
        if known is not None:
            return known
        if not any(number.startswith(prefix) for prefix in gateway.prefixes.split()):
            raise Refused(_("No messages are sent to numbers of this country."), "value")
        with connection.cursor() as cursor:  # the day's sums are counted one after another
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(hashlib.sha256(b"sms").hexdigest()[:15], 16)])
        _refuse_full(gateway, number, at=at)
        row = Sms.objects.create(
            key=key,
            kind=kind[:16],
            number=digest(number),
            shown=masked(number),
            sealed=seal(json.dumps({"number": number, "text": text[:LONGEST]})),
            next_try_at=at,
            good_until=at + good_until_after(kind),
            created_at=at,
        )
        announce.ask(row)
        return row


def _refuse_full(gateway: Gateway, number: str, *, at: datetime) -> None:
    rows = Sms.objects.filter(created_at__gt=at - DAY)
    if rows.filter(number=digest(number)).count() >= gateway.most_a_number:
        raise Refused(_("Too many messages went to this number today. Try again tomorrow."), "value")
    if rows.count() >= gateway.most_a_day:
        raise Refused(_("The installation's messages of today are used up. Try again tomorrow."), "value")


def left_today(at: datetime) -> int:
    """How many messages may still go, for who wants to send many."""
    gateway = Gateway.objects.filter(pk=Gateway.ONLY, is_active=True).first()
    return max(0, gateway.most_a_day - Sms.objects.filter(created_at__gt=at - DAY).count()) if gateway else 0


def save_gateway(row: Gateway, *, secret: str, by: User, at: datetime) -> Gateway:
    """`secret`: "" keeps the one that is there. Raises Refused."""
    require(may_administer(by))
    with transaction.atomic():
        is_new = not Gateway.objects.filter(pk=Gateway.ONLY).exists()
        row.pk, row.changed_at = Gateway.ONLY, at
        if secret:
            row.secret = secret
        if is_new:
            row.save(force_insert=True)
            journal.note(row, "added", by=by, at=at)
        else:
            journal.keep(row, by=by, at=at, fields=[*FIELDS, "secret_sealed"])
            Gateway.objects.filter(pk=Gateway.ONLY).update(changed_at=at)
    return row


def send_test(number: str, *, by: User, at: datetime) -> Sms:
    """Raises Refused."""
    require(may_administer(by))
    text = str(_("A test message of PROvodnik."))
    with transaction.atomic():
        row = send(number, text, key=f"test:{uuid.uuid4().hex}", kind="test", at=at)
        journal.note(Gateway(pk=Gateway.ONLY), "sms_test", by=by, at=at)
    return row

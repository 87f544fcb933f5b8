"""Invitations leave: handed over to letters and messages one by one, each in its own transaction."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts import texting
from provodnik.channels import outgoing
from provodnik.core import jobs
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable, unseal
from provodnik.entry.contacts import key_of
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.states import Delivery, Fact, Way, Why


def send_all(sheet: Sheet) -> None:
    """Ask for it within the transaction that made the invitations."""
    jobs.defer(hand_over, sheet_id=sheet.pk, serial=f"invitations:{sheet.pk}")


@jobs.job(name="entry.invite", attempts=5)
def hand_over(sheet_id: int) -> None:
    """What still waits of a sending. Killed in between, it goes on where it was: nobody gets two letters."""
    rows = Slip.objects.filter(sheet_id=sheet_id, delivery=Delivery.WAITING.value).order_by("pk")
    for pk in list(rows.values_list("pk", flat=True)):
        with transaction.atomic():
            _hand_over(pk)


def _hand_over(slip_id: int) -> None:
    rows = Slip.objects.select_for_update(of=("self",)).filter(pk=slip_id, delivery=Delivery.WAITING.value)
    slip = rows.first()
    if slip is None:
        return
    now = timezone.now()
    slip.delivery = Delivery.QUEUED.value
    if slip.used_at is not None or slip.voided_at is not None or slip.expires_at <= now:
        slip.delivery = Delivery.FAILED.value
    else:
        try:
            token, value = json.loads(unseal(slip.sealed))
            with transaction.atomic():
                _send(slip, token, value)
        except (Refused, Unreadable, ValueError):
            slip.delivery, slip.voided_at, slip.void_why = Delivery.FAILED.value, now, Why.UNSENT.value
    slip.sealed = ""
    slip.save(update_fields=["delivery", "sealed", "voided_at", "void_why"])


def link(token: str) -> str:
    """By the settings: the Host header of a request is a stranger's word."""
    return settings.BASE_URL + reverse("entry:start_link", args=[token])


def _send(slip: Slip, token: str, value: str) -> None:
    """Neither a name nor an organisation stands in it: a wrong address learns nothing of anybody. Raises Refused."""
    now, address = timezone.now(), link(token)
    asks = _("your date of birth") if slip.fact == Fact.BIRTH.value else _("the last four digits of your SNILS")
    if slip.way == Way.PHONE.value:
        text = _("PROvodnik: open the link within 14 days and type %(fact)s: %(link)s") % {
            "fact": asks,
            "link": address,
        }
        texting.send(value, text, key=key_of(slip.pk), kind="invitation", at=now)
        return
    mailbox = outgoing.sending_mailbox()
    outgoing.send_later(
        key=key_of(slip.pk),
        recipient=value,
        subject=_("Your way into PROvodnik"),
        text=render_to_string("entry/letters/invitation.txt", {"link": address, "asks": asks}),
        at=now,
        mailbox=mailbox,
        message_id=outgoing.message_id_for(kind="account", number=0, serial=f"invitation{slip.pk}", mailbox=mailbox),
    )

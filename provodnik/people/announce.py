"""What leaves the house about people's data: to the contacts of before, when somebody asks for other bank details."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts import texting
from provodnik.core import jobs
from provodnik.core.decisions import Refused
from provodnik.people.models import DataRequest


def bank_change_asked(row: DataRequest, *, at: datetime) -> None:
    """Ask for the messages within the transaction of the request: whoever took an account over cannot lead somebody's
    pay away in silence (cabinet B9)."""
    jobs.defer(send_bank_change, request_id=row.pk, when=at.isoformat())


@jobs.job(name="people.bank_change", attempts=4)
def send_bank_change(request_id: int, when: str) -> None:
    """To every contact that is known: the own e-mail, the account's, the own phone. Without a digit of the account."""
    row = DataRequest.objects.select_related("person__user").filter(pk=request_id).first()
    if row is None:
        return
    person, at = row.person, datetime.fromisoformat(when)
    address = settings.BASE_URL + reverse("people:my_request", args=[row.pk])
    context = {"at": at, "until": row.held_until, "link": address, "name": person.first_name or person.full_name}
    emails = {person.email, person.user.email if person.user is not None else ""} - {""}
    for email in sorted(emails):
        text = render_to_string("people/letters/bank.txt", context)
        send_mail(_("Somebody asks to pay your wage to another account"), text, None, [email])
    if person.phone:
        words = _(
            "Somebody asks to pay your wage to another account. If it was not you, tell your personnel department."
        )
        with suppress(Refused), transaction.atomic():  # no gateway: the letter says it too
            texting.send(person.phone, words, key=f"bank:{row.pk}:{when}", kind="notice", at=at)

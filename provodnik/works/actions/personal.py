"""What a person decides for himself: an announcement put away, letters about planned works, his calendar's address."""

from __future__ import annotations

import secrets
from datetime import datetime

from provodnik.accounts.models import User
from provodnik.desk.models import Contact
from provodnik.works.models import CalendarAddress, PutAway, Silence, Work
from provodnik.works.queries import board


def put_away(work: Work, *, by: User) -> None:
    """Known: it stands above this person's pages no more, until it changes."""
    PutAway.objects.update_or_create(work=work, user_id=by.pk, defaults={"sequence": work.sequence})
    board.forget_after_commit()


def silence(contact: Contact, *, at: datetime) -> None:
    """No letters about planned works."""
    Silence.objects.get_or_create(contact=contact, defaults={"at": at})


def listen(contact: Contact) -> None:
    """Letters about planned works again."""
    Silence.objects.filter(contact=contact).delete()


def new_calendar_address(by: User, *, at: datetime) -> CalendarAddress:
    """A new secret: whoever has the old address sees nothing any more."""
    address, _made = CalendarAddress.objects.update_or_create(
        user_id=by.pk, defaults={"nonce": secrets.token_hex(16), "at": at}
    )
    return address


def calendar_address(by: User, *, at: datetime) -> CalendarAddress:
    """The secret that is in force; made on first asking."""
    found = CalendarAddress.objects.filter(user_id=by.pk).first()
    return found or new_calendar_address(by, at=at)

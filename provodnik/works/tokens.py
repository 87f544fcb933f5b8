"""Addresses that need no sign-in: a person's calendar, silence about planned works. Each opens one thing only."""

from __future__ import annotations

from django.core import signing

from provodnik.accounts.models import User
from provodnik.desk.models import Contact
from provodnik.works.models import CalendarAddress

LONGEST = 200
_CALENDAR = signing.Signer(salt="works.calendar", sep="~")
_LETTERS = signing.Signer(salt="works.letters", sep="~")


def calendar_token(address: CalendarAddress) -> str:
    """The person's id and secret, signed: 128 bits that nobody guesses, a new secret ends it."""
    return _CALENDAR.sign(f"{address.pk}-{address.nonce}")


def user_of_calendar(token: str) -> User | None:
    """The living person whom an address in force belongs to."""
    try:
        value = _CALENDAR.unsign(token[:LONGEST])
    except signing.BadSignature:
        return None
    pk, _dash, nonce = value.partition("-")
    found = CalendarAddress.objects.filter(user_id=int(pk), nonce=nonce, user__is_active=True).select_related("user")
    address = found.first()
    return address.user if address is not None else None


def letters_token(contact: Contact) -> str:
    """What a letter's reader asks for silence with."""
    return _LETTERS.sign(str(contact.pk))


def contact_of_letters(token: str) -> Contact | None:
    try:
        pk = _LETTERS.unsign(token[:LONGEST])
    except signing.BadSignature:
        return None
    return Contact.objects.filter(pk=int(pk), is_active=True).first()

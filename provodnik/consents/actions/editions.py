"""Editions of what people sign: made, mended while nobody has signed, removed if nobody ever did."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.consents.models import Consent, Edition
from provodnik.consents.policies import may_keep
from provodnik.consents.states import About
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line, storable

LONGEST_NAME, LONGEST_TEXT = 200, 40_000


def make_edition(
    organisation_id: int, about: About, name: str, text: str, since: date, *, key: uuid.UUID, by: User, at: datetime
) -> Edition:
    """The same `key` again gives the first. Raises Refused."""
    require(may_keep(by, organisation_id))
    known = Edition.objects.filter(key=key).first()
    if known is not None:
        if known.organisation_id != organisation_id:
            raise Refused(_("This form was sent already."))
        return known
    row = Edition(key=key, organisation_id=organisation_id, about=about.value, made_by=by, made_at=at)
    return _keep(row, name, text, since, by=by, at=at)


def _keep(row: Edition, name: str, text: str, since: date, *, by: User, at: datetime) -> Edition:
    row.name, row.text, row.since = one_line(name, LONGEST_NAME + 1).strip(), storable(text).strip(), since
    if not row.name or len(row.name) > LONGEST_NAME:
        raise Refused(_("Give it a short name, such as “Edition of 01.09.2025”."), "name")
    if not row.text or len(row.text) > LONGEST_TEXT:
        raise Refused(_("Put in the text as it stands on the paper, no longer than 40 000 characters."), "text")
    if Edition.objects.filter(
        organisation=row.organisation_id, about=row.about, name=row.name
    ).exclude(pk=row.pk).exists():  # fmt: skip
        raise Refused(_("There is an edition with this name already."), "name")
    try:
        with transaction.atomic():
            is_new = row.pk is None
            row.save()
            # the words themselves stand in the edition, which nobody changes once they are signed
            journal.note(row, "added" if is_new else "changed", by=by, at=at)
    except IntegrityError as error:
        raise Refused(_("Somebody has changed it at the same moment: look at the page again.")) from error
    return row


def _unsigned(pk: int, by: User) -> Edition:
    """Locked, so that nobody signs meanwhile. Raises Refused, Edition.DoesNotExist."""
    row = Edition.objects.select_for_update(of=("self",)).get(pk=pk)
    require(may_keep(by, row.organisation_id))
    if Consent.objects.filter(edition=row).exists():
        raise Refused(_("Somebody has signed this edition: its words stay. Make a new one."))
    return row


def mend_edition(pk: int, name: str, text: str, since: date, *, by: User, at: datetime) -> Edition:
    """Raises Refused, Edition.DoesNotExist."""
    with transaction.atomic():
        return _keep(_unsigned(pk, by), name, text, since, by=by, at=at)


def remove_edition(pk: int, *, by: User, at: datetime) -> None:
    """Raises Refused, Edition.DoesNotExist."""
    with transaction.atomic():
        journal.remove(_unsigned(pk, by), by=by, at=at)

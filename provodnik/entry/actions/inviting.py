"""Invitations: a slip whose code is a link, sent to a contact that is known. One use, fourteen days, and the same
second fact as on paper: a number that 1C holds may be a wife's, or somebody else's by now."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal, texting
from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile, Refused, require
from provodnik.core.secrets import seal
from provodnik.entry import announce, codes, rules
from provodnik.entry.actions.slips import chosen_of, sheet_for
from provodnik.entry.contacts import masked, reach_of
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.queries.candidates import MOST
from provodnik.entry.states import LASTS, Delivery
from provodnik.people.models import Organisation, Unit
from provodnik.people.policies import may_keep


def invite(
    organisation: Organisation,
    employment_ids: Collection[int],
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    on: date,
    unit: Unit | None = None,
) -> tuple[Sheet, int]:
    """Links for people of an organisation who can be reached; the slips that they had are void. Returns the sending and
    how many of the chosen cannot be reached. Raises Refused; ChangedMeanwhile where this form was sent already."""
    require(may_keep(by, organisation.pk))
    if not employment_ids:
        raise Refused(_("Choose whom to invite."), "people")
    if len(employment_ids) > MOST:
        raise Refused(_("Too many at once: choose a smaller unit."), "people")
    fact, by_phone = rules.second_fact(organisation.pk, on=on), texting.is_on()
    try:
        with transaction.atomic():
            chosen = chosen_of(organisation, employment_ids, on=on)
            pairs = [(row, reach_of(row.person, by_phone=by_phone)) for row in chosen]
            reached = [(row, reach) for row, reach in pairs if reach is not None]
            if not reached:
                raise Refused(_("None of the chosen people has a contact. Print slips for them."), "people")
            sheet = sheet_for([row for row, _reach in reached], organisation, key=key, by=by, at=at, unit=unit)
            rows = []
            for row, reach in reached:
                token = codes.new_link()
                rows.append(
                    Slip(
                        sheet=sheet,
                        organisation=organisation,
                        person_id=row.person_id,
                        employment=row,
                        digest=codes.digest(token),
                        fact=fact.value,
                        expires_at=at + LASTS,
                        way=reach.way.value,
                        sealed=seal(json.dumps([token, reach.value])),
                        sent_to=masked(reach),
                        delivery=Delivery.WAITING.value,
                    )
                )
            Slip.objects.bulk_create(rows)
            journal.note(sheet, "invited_many", by=by, at=at, organisation=str(organisation), slips=len(rows))
            announce.send_all(sheet)
    except IntegrityError as error:
        raise ChangedMeanwhile(_("These invitations are sent already."), "people") from error
    return sheet, len(pairs) - len(reached)

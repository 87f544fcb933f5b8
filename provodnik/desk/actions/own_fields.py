"""Values of a customer's own fields on a request, and their definitions in a contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.desk import policies, typed_fields
from provodnik.desk.actions.base import add_words, changing, in_order, record, settle
from provodnik.desk.models import Contract, EventKind, FieldDefinition, Ticket, TicketFields
from provodnik.desk.queries.marks import definitions_of
from provodnik.desk.typed_fields import Value

MOST_FIELDS = 30  # of one contract
MOST_CHOICES = 50


def keep(ticket: Ticket, values: Mapping[int, Value]) -> None:
    """Values given at registration, clean already: kept and findable; of other contracts' fields none is kept."""
    known = {one.pk: one for one in definitions_of(ticket.contract)}
    kept = {str(pk): value for pk, value in values.items() if pk in known}
    if kept:
        TicketFields.objects.create(ticket=ticket, values=kept)
        _find(ticket, {pk: value for pk, value in values.items() if pk in known}, known)


def _find(ticket: Ticket, values: Mapping[int, Value], known: Mapping[int, FieldDefinition]) -> None:
    """Texts and choices become words of the request; what the requester does not see, for the desk alone."""
    for public in (True, False):
        words = [str(value) for pk, value in values.items() if isinstance(value, str) and known[pk].asked is public]
        if words:
            add_words(ticket, words, public=public)


def set_fields(number: int, *, typed: Mapping[int, object], by: User, at: datetime) -> Ticket:
    """The desk fills fields in or sets them right; what is not named stays. `typed`: what a person typed, by the id of
    the definition. Raises Refused with the field `field_N`."""
    with changing(number) as ticket:
        require(policies.may_work(by))
        known = {one.pk: one for one in definitions_of(ticket.contract)}
        row = TicketFields.objects.select_for_update().filter(pk=ticket.pk).first()
        row = row or TicketFields(ticket=ticket, values={})
        changed: dict[int, Value] = {}
        told = []
        for pk, text in typed.items():
            definition = known.get(pk)
            if definition is None:
                raise Refused(gettext_lazy("The contract of this request has no such field."))
            value = _read(definition, text)
            old = row.values.get(str(pk))
            if (type(value), value) == (type(old), old):  # 1 is not True
                continue
            if value is None:
                row.values.pop(str(pk), None)
            else:
                row.values[str(pk)] = changed[pk] = value
            told.append(
                {
                    "label": definition.label,
                    "old": "" if old is None else one_line(typed_fields.shown(definition.kind, old), 100),
                    "new": "" if value is None else one_line(typed_fields.shown(definition.kind, value), 100),
                }
            )
        if told:
            row.save()
            _find(ticket, changed, known)
            at = in_order(ticket, at)
            record(ticket, EventKind.FIELDS, at=at, by=by, changed=told)
            settle(ticket, at=at)
        return ticket


def _read(definition: FieldDefinition, typed: object) -> Value | None:
    try:
        value = typed_fields.read(definition, typed)
    except typed_fields.Wrong as wrong:
        raise Refused(str(wrong), field=f"field_{definition.pk}") from wrong
    if value is None and definition.required:
        raise Refused(_("This field is required."), field=f"field_{definition.pk}")
    return value


def save_definition(definition: FieldDefinition, *, by: User, at: datetime) -> FieldDefinition:
    """A field of a contract. Its kind stays what it was: values are kept by it."""
    require(policies.may_administer(by))
    definition.label = one_line(definition.label, 80)
    choices = [one_line(one, 100) for one in definition.choices]
    definition.choices = list(dict.fromkeys(one for one in choices if one))
    if definition.kind != FieldDefinition.Kind.CHOICE:
        definition.choices = []
    elif not 2 <= len(definition.choices) <= MOST_CHOICES:
        raise Refused(_("Between 2 and %(n)d lines to choose from.") % {"n": MOST_CHOICES}, field="choices")
    with transaction.atomic():
        Contract.objects.select_for_update().get(pk=definition.contract_id)
        others = FieldDefinition.objects.filter(contract_id=definition.contract_id)
        if definition._state.adding and others.count() >= MOST_FIELDS:
            raise Refused(_("A contract has at most %(n)d fields.") % {"n": MOST_FIELDS})
        if any(one.label.lower() == definition.label.lower() for one in others if one.pk != definition.pk):
            raise Refused(_("The contract has such a field already."), field="label")
        before = others.filter(pk=definition.pk).first()
        if before is not None and before.kind != definition.kind:
            raise Refused(_("The kind of a field does not change: add another field."), field="kind")
        return journal.keep(definition, by=by, at=at)

"""Two cards of one human become one: everything that referred to the one refers to the other from then on."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.notify.actions import notify
from provodnik.people import joining
from provodnik.people.actions import listing
from provodnik.people.actions.persons import mark_employees
from provodnik.people.actions.taking import Said, record
from provodnik.people.models import Employment, Person
from provodnik.people.policies import may_join
from provodnik.people.states import Happened, Source

# What is of the one alone when the other has none.
_FILLED = ("birth_date", "snils_sealed", "snils_digest", "work_phone", "work_email", "room")
_CONTACTS = ("phone", "email")


def known(person: Person) -> joining.Known:
    user = person.user
    return joining.Known(
        name=person.full_name,
        birth_date=person.birth_date,
        snils=person.snils_digest,
        by_hand=joining.by_hand(person.sources),
        signs_in=user is not None and user.is_active,
    )


def join(keep: int, drop: int, *, by: User, at: datetime, on: date) -> Person:
    """`drop` is joined into `keep`. Its references of 1C, places of work, requests and whatever parts above keep of it
    go over; what `keep` does not know is taken from it; its history stays under its number (`Person.was`).
    Raises Refused, Person.DoesNotExist."""
    with transaction.atomic():
        rows = Person.objects.select_for_update(of=("self",)).select_related("user").filter(pk__in=[keep, drop])
        people = {row.pk: row for row in rows.order_by("pk")}
        if keep == drop or len(people) < 2:
            raise Person.DoesNotExist
        kept, gone = people[keep], people[drop]
        require(may_join(by, kept, gone, on=on))
        require(joining.may_be_one(known(kept), known(gone)))
        _fill(kept, gone)
        user, gone.user = gone.user, None
        gone.save(update_fields=["user"])
        if user is not None and (kept.user is None or not kept.user.is_active):
            kept.user = user
        elif user is not None:
            User.objects.filter(pk=user.pk).update(is_employee=False)
        kept.was = [*kept.was, *gone.was, gone.pk]
        _hand_over(kept, gone)
        kept.save()
        _write_down(kept, gone, by=by, at=at)
        places = list(Employment.objects.filter(person=kept).values_list("pk", flat=True))
        gone.delete()
        listing.relist(pk__in=places)
        mark_employees([kept.pk], on=on)
    return kept


def _fill(kept: Person, gone: Person) -> None:
    for name in _FILLED:
        if not getattr(kept, name) and getattr(gone, name):
            setattr(kept, name, getattr(gone, name))
    for name in _CONTACTS:
        if not getattr(kept, name) and getattr(gone, name):
            setattr(kept, name, getattr(gone, name))
            setattr(kept, f"{name}_confirmed_at", getattr(gone, f"{name}_confirmed_at"))
    kept.sources = {**gone.sources, **kept.sources}


def _hand_over(kept: Person, gone: Person) -> None:
    """Every row of every part that refers to the person; a part that cannot have both refuses it by its constraint."""
    try:
        with transaction.atomic():
            for relation in Person._meta.get_fields(include_hidden=True):
                model, field = getattr(relation, "related_model", None), getattr(relation, "field", None)
                if relation.auto_created and not relation.concrete and model is not None and field is not None:
                    rows = model._default_manager.filter(**{field.name: gone})
                    rows.update(**{field.name: kept})
    except IntegrityError as error:
        raise Refused(
            _("Both have something that one human has once: settle it first, a request for example.")
        ) from error


def _write_down(kept: Person, gone: Person, *, by: User, at: datetime) -> None:
    data = {"person": [gone.pk, kept.pk]}
    for pk in (kept.pk, gone.pk):
        record(Happened.JOINED, Said(Source.HAND, at, by), data, person=pk)
    journal.note(kept, "joined", by=by, at=at, person=[gone.pk, kept.pk])
    if kept.user is not None:
        text = _("Personnel has joined two cards of yours into one. If there is somebody else's in it, tell them.")
        notify([kept.user], key=f"people:joined:{kept.pk}:{gone.pk}", text=str(text), at=at, url="/people/me")

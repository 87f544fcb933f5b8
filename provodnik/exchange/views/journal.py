"""The journal of the exchange: batches, one batch, what was not taken."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.exchange import policies, words
from provodnik.exchange.actions import deciding
from provodnik.exchange.models import Batch, Thing
from provodnik.exchange.odata.words import notes_of
from provodnik.exchange.queries import journal
from provodnik.exchange.states import OPEN, State
from provodnik.exchange.views.common import lookers, me, moment, number, page
from provodnik.people.actions import persons
from provodnik.people.models import Person


@lookers
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What came, what waits for a person, what was not taken."""
    user = me(request)
    found = journal.batches(user, number(request, "before"))
    open_things = journal.open_things(user)
    context: dict[str, Any] = {
        "page": found,
        "rows": [(batch, *words.STATE_TONES[batch.state]) for batch in found.batches],
        "held": journal.held(user),
        "actors": [(actor, told, open_things[actor]) for actor, told in words.ACTORS.items() if actor in open_things],
        "problems": sum(open_things.values()),
        "may_administer": policies.may_administer(user),
    }
    return page(request, "exchange/index.html", context)


def _one(request: HttpRequest, pk: int) -> Batch:
    return get_object_or_404(policies.visible_batches(me(request)).select_related("base", "decided_by"), pk=pk)


@lookers
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, what it changed, what of it was not taken."""
    found, user = _one(request, pk), me(request)
    tone, icon = words.STATE_TONES[found.state]
    mine = set(policies.houses(user))
    told_all = policies.may_administer(user)
    stops = [words.told_of(one) for one in found.stops if told_all or one["organisation"] in mine]
    planned = found.state in (State.HELD.value, State.DROPPED.value)
    context = {
        "planned": planned,
        "batch": found,
        "tone": tone,
        "icon": icon,
        "columns": list(words.COUNTED.values()),
        "notes": notes_of(found.notes),
        "tally": [
            (words.KINDS[kind], figures) for kind, figures in words.tally(found.diff, found.counts, planned=planned)
        ],
        "stops": stops,
        "may_decide": policies.may_decide(user, found) if found.state == State.HELD.value else None,
        "problems": [_shown(thing) for thing in journal.problems(user, batch=found.pk).things],
    }
    return page(request, "exchange/batch.html", context)


@lookers
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held batch go, or drop it."""
    found, user, at = _one(request, pk), me(request), moment().at
    if not policies.may_decide(user, found) and found.state == State.HELD.value:
        raise Http404
    try:
        if request.POST.get("what") == "drop":
            deciding.drop(found.pk, by=user, at=at)
            messages.success(request, _("Turned down: nothing of it is taken."))
        else:
            deciding.let_go(found.pk, by=user, at=at, today=request.POST.get("today") == "on")
            messages.success(request, _("It is being taken."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("exchange:batch", found.pk)


def _shown(thing: Thing) -> dict[str, Any]:
    """A row of the journal in words."""
    waiting = thing.standing == "waiting"
    return {
        "thing": thing,
        "what": words.ONE[thing.kind],
        "field": "" if waiting else words.field_of(thing.about),
        "why": words.waits_for(thing.missing_kind) if waiting else thing.reason,
        "waiting": waiting,
        "actor": words.ACTORS.get(thing.actor, ""),
        "todo": words.PATIENCE if waiting else words.TODO.get(thing.actor, ""),
    }


@lookers
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Everything that was not taken: what, why, since when, who should act."""
    user, actor = me(request), request.GET.get("actor", "")
    actor = actor if actor in words.ACTORS else ""
    found = journal.problems(user, actor=actor, before=number(request, "before"))
    open_things = journal.open_things(user)
    context = {
        "page": found,
        "rows": [_shown(thing) for thing in found.things],
        "actor": actor,
        "total": sum(open_things.values()),
        "actors": [(name, told, open_things[name]) for name, told in words.ACTORS.items() if name in open_things],
    }
    return page(request, "exchange/problems.html", context)


@lookers
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try one object once more; `join`: after personnel has said that it is the person with the same SNILS."""
    user = me(request)
    thing = get_object_or_404(policies.visible_things(user).filter(standing__in=OPEN), pk=pk)
    if request.POST.get("join") == "1" and thing.twin is not None:
        try:
            persons.join(thing.guid, thing.twin, by=user, at=moment().at)
        except (Refused, Person.DoesNotExist):
            messages.error(request, _("Only the personnel of the person who is known may say that it is him."))
            return redirect("exchange:problems")
    found = deciding.again(thing, moment())
    if found.standing in OPEN:
        messages.warning(request, _("Not taken this time either: %(why)s") % {"why": found.reason})
    else:
        messages.success(request, _("Taken."))
    return redirect("exchange:problems")

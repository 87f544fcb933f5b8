"""One step for many requests: choosing them, the step, its verdicts, and taking it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk.actions import bulk, merging, tagging
from provodnik.desk.forms.ties import (
    BulkAnswerForm,
    BulkAssignForm,
    BulkCloseForm,
    BulkMergeForm,
    BulkPriorityForm,
    BulkTagsForm,
    numbers_in,
)
from provodnik.desk.models import BulkRun, Ticket
from provodnik.desk.policies import visible_tickets
from provodnik.desk.queries import marks, queue
from provodnik.desk.views.workbench.common import desk_only, is_fragment, place_of, query_of, triggers, user_of

Words = str | Promise
RUNS = 50  # of the history
What = BulkRun.What


@dataclass(frozen=True, slots=True)
class Step:
    heading: Words
    button: Words
    icon: str
    form: Callable[[Any, Sequence[Ticket]], forms.Form]
    key: str = ""
    hint: Words = ""


_LATER = gettext_lazy(
    "It is carried out in 10 seconds. Until then it can be called off; a letter cannot be called back."
)
STEPS: Mapping[str, Step] = {
    "assign": Step(
        gettext_lazy("Assign"), gettext_lazy("Assign"), "user-check", lambda data, tickets: BulkAssignForm(data)
    ),
    "priority": Step(
        gettext_lazy("Change the priority"),
        gettext_lazy("Change the priority"),
        "flag",
        lambda data, tickets: BulkPriorityForm(data),
        hint=gettext_lazy("The deadlines are counted anew from the registration by the new allowance."),
    ),
    "tags": Step(
        gettext_lazy("Tags"), gettext_lazy("Save"), "tags", lambda data, tickets: BulkTagsForm(data, tickets=tickets)
    ),
    "answer": Step(
        gettext_lazy("Answer"),
        gettext_lazy("Send in 10 seconds"),
        "reply",
        lambda data, tickets: BulkAnswerForm(data),
        hint=_LATER,
    ),
    "close": Step(
        gettext_lazy("Close"),
        gettext_lazy("Close in 10 seconds"),
        "circle-check",
        lambda data, tickets: BulkCloseForm(data),
        hint=_LATER,
    ),
    "merge": Step(
        gettext_lazy("Merge"),
        gettext_lazy("Merge and tell the requesters"),
        "merge",
        lambda data, tickets: BulkMergeForm(data, tickets=tickets),
        hint=gettext_lazy(
            "All of them go on under one number, or none: the reason is told. This cannot be taken back."
        ),
    ),
}


@desk_only
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Requests of a view with check marks: the way without script."""
    view, filters = place_of(request)
    page = queue.page(user_of(request), view, filters, now=timezone.now(), after=request.GET.get("after", ""))
    return render(request, "desk/workbench/choose.html", {"page": page, "query": query_of(request), "steps": STEPS})


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, what: str) -> HttpResponse:
    """Ask what exactly, then do it."""
    found = STEPS.get(what)
    if found is None:
        raise Http404
    user, now = user_of(request), timezone.now()
    numbers = numbers_in(request.POST.getlist("n") if request.method == "POST" else request.GET.getlist("n"))
    tickets = _chosen(user, numbers)
    if request.method != "POST":
        refused = _wrong(what, numbers, tickets)
        return _shown(request, what, found, found.form(None, tickets), tickets, refused=refused)
    form = found.form(request.POST, tickets)
    refused = _wrong(what, numbers, tickets)
    if refused or not form.is_valid():
        return _shown(request, what, found, form, tickets, status=422, refused=refused)
    try:
        if what == "merge":
            return _merge(request, form, numbers, user, now)
        run = _begin(what, form, numbers, user, now)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _shown(request, what, found, form, tickets, status=422)
    if run.due_at is None:
        run = bulk.carry_out(run.pk, at=now)
    return _told(request, run)


def _chosen(user: User, numbers: Sequence[int]) -> list[Ticket]:
    rows = visible_tickets(user).filter(pk__in=numbers).only("number", "subject", "registered_at", "status")
    return list(rows.order_by("registered_at", "pk"))


def _wrong(what: str, numbers: Sequence[int], tickets: Sequence[Ticket]) -> str:
    if not tickets:
        return _("Choose requests first.")
    most = merging.MOST_MERGED if what == "merge" else bulk.MOST
    if len(numbers) > most:
        return _("At most %(n)d requests at once.") % {"n": most}
    if what == "merge" and len(tickets) < 2:
        return _("Choose at least two requests.")
    return ""


def _begin(what: str, form: Any, numbers: Sequence[int], user: User, now: datetime) -> BulkRun:
    asked = _asked_tags(form) if what == "tags" else form.asked()
    return bulk.begin(What(what), asked, numbers, key=form.cleaned_data["key"], by=user, at=now)


def _asked_tags(form: BulkTagsForm) -> dict[str, Any]:
    """New words become tags before the run begins: it knows them by their ids."""
    return {"add": [tag.pk for tag in tagging.named(form.names())], "remove": form.removed()}


def _merge(request: HttpRequest, form: Any, numbers: Sequence[int], user: User, now: datetime) -> HttpResponse:
    typed = form.cleaned_data
    target = merging.merge(numbers, into=typed["into"], text=typed["text"], by=user, at=now)
    messages.success(request, _("Merged into № %(number)s.") % {"number": target.pk})
    return _to(request, f"{reverse('desk:ticket', args=[target.pk])}?{query_of(request)}")


def _to(request: HttpRequest, address: str) -> HttpResponse:
    if not is_fragment(request):
        return HttpResponseRedirect(address, status=303)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response


def _shown(
    request: HttpRequest,
    what: str,
    found: Step,
    form: forms.Form,
    tickets: Sequence[Ticket],
    *,
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    context = {
        "what": what,
        "step": found,
        "form": form,
        "tickets": tickets,
        "refused": refused,
        "query": query_of(request),
        "known_tags": marks.tags_offered() if what == "tags" else (),
    }
    if not is_fragment(request):
        return render(request, "desk/workbench/bulk.html", context, status=status)
    return render(request, "desk/workbench/_bulk.html", context, status=status)


def verdict(run: BulkRun) -> str:
    """«Сделано 18, отказано 2»; of a step that waits, until when it can be called off."""
    done = run.items.filter(done=True).count()
    refused = run.items.filter(done=False).count()
    left = run.items.filter(done=None).count()
    if run.state == BulkRun.State.WAITING:
        return ngettext(
            "%(n)d request is waiting: in 10 seconds it is carried out.",
            "%(n)d requests are waiting: in 10 seconds it is carried out.",
            left,
        ) % {"n": left}
    if run.state == BulkRun.State.CANCELLED:
        return _("Called off: nothing was done.")
    if run.state == BulkRun.State.UNDONE:
        kept = run.items.filter(done=True, undone=False).count()
        return _("Taken back: %(n)d, stays: %(kept)d") % {"n": done - kept, "kept": kept}
    words = _("Done: %(n)d") % {"n": done}
    if refused:
        words = _("Done: %(n)d, refused: %(refused)d") % {"n": done, "refused": refused}
    return words if not left else _("%(words)s, still to do: %(left)d") % {"words": words, "left": left}


def may_undo(run: BulkRun) -> bool:
    """Whether something of it can still be taken back or called off."""
    if run.state == BulkRun.State.WAITING:
        return True
    return run.state == BulkRun.State.DONE and run.what not in bulk.HELD and run.items.filter(done=True).exists()


def _told(request: HttpRequest, run: BulkRun) -> HttpResponse:
    """After the step: what was refused is shown with its reasons; the rest is a notice with its undo."""
    refused = list(run.items.filter(done=False).select_related("ticket").order_by("ticket_id"))
    if not is_fragment(request):
        return redirect("desk:bulk_run", key=run.pk)
    response = (
        render(request, "desk/workbench/_verdicts.html", {"run": run, "refused": refused, "words": verdict(run)})
        if refused
        else HttpResponse(status=200)
    )
    told: dict[str, Any] = {"text": verdict(run), "tone": "warning" if refused else "success", "refused": len(refused)}
    told["history"] = reverse("desk:bulk_run", args=[run.pk])
    if may_undo(run):
        told |= {"undo": reverse("desk:bulk_undo", args=[run.pk]), "label": _("Undo the step")}
    return triggers(response, **{"desk:bulk": told})


def _run(request: HttpRequest, key: uuid.UUID) -> BulkRun:
    return get_object_or_404(BulkRun.objects.filter(by=user_of(request)), pk=key)


@desk_only
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """What this person did to many requests lately."""
    rows = BulkRun.objects.filter(by=user_of(request)).order_by("-at")
    counted = rows.annotate(
        done=Count("items", filter=Q(items__done=True)), refused=Count("items", filter=Q(items__done=False))
    )
    return render(request, "desk/workbench/runs.html", {"runs": list(counted[:RUNS]), "steps": STEPS})


@desk_only
@require_safe
def run(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One step with the verdict on each request."""
    found = _run(request, key)
    items = found.items.select_related("ticket").order_by("-done", "ticket_id")
    context = {"run": found, "items": list(items), "words": verdict(found), "may_undo": may_undo(found)}
    return render(request, "desk/workbench/run.html", {**context, "step": STEPS[found.what]})


@desk_only
@require_POST
def undo(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Take it back, or call it off."""
    found = _run(request, key)
    try:
        found = bulk.undo(found.pk, by=user_of(request), at=timezone.now())
    except Refused as refusal:
        words, tone = str(refusal), "warning"
    else:
        words, tone = verdict(found), "success"
    if is_fragment(request):
        return triggers(HttpResponse(status=200), **{"desk:bulk": {"text": words, "tone": tone, "refused": 0}})
    messages.add_message(request, messages.SUCCESS if tone == "success" else messages.WARNING, words)
    return redirect("desk:bulk_run", key=key)

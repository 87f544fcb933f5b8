"""One's own data: what I have asked to change, a new request, its code, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import halfway
from provodnik.accounts.actions import contacts
from provodnik.accounts.queries import has_second_factor
from provodnik.accounts.views.confirm import confirm_address
from provodnik.core.decisions import Refused
from provodnik.people import words
from provodnik.people.actions import changes as actions
from provodnik.people.changes import cleaned
from provodnik.people.forms import ChangeForm, CodeForm, number
from provodnik.people.models import DataRequest, Employment, Person
from provodnik.people.places import current_place
from provodnik.people.policies import own_requests, works_here
from provodnik.people.queries import changes as queries
from provodnik.people.queries.person import person_of
from provodnik.people.queries.rules import value as rule
from provodnik.people.rules import Code
from provodnik.people.states import ChangeKind, ChangeState
from provodnik.people.views.common import clock, frame_of, me

_SURE = frozenset({ChangeKind.PHONE, ChangeKind.EMAIL, ChangeKind.BANK})


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context |= {"frame": frame_of(me(request)), "now": clock()[0]}
    return render(request, template, context, status=status)


def _self(request: HttpRequest) -> tuple[Person, Employment]:
    """Who works here, with the place of work he acts for."""
    user = me(request)
    person = person_of(user) if works_here(user) else None
    place = current_place(request, on=clock()[1]) if person is not None else None
    if person is None or place is None:
        raise Http404
    return person, place


def _kind(name: str) -> ChangeKind:
    if name not in list(ChangeKind):
        raise Http404
    return ChangeKind(name)


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I have asked for, and what may be asked for."""
    _self(request)
    page = queries.mine(me(request), number(request.GET.get("before")))
    context = {"page": page, "kinds": queries.kinds(), "later": "before" in request.GET}
    return _page(request, "people/changes/mine.html", context)


def _by_code(kind: ChangeKind, place: Employment) -> bool:
    """Whether a contact is proved by a code: the organisation lets it, and a code can be sent."""
    way = actions.CONTACTS.get(kind)
    if way is None or contacts.why_not(way):
        return False
    return bool(rule(Code.CONTACTS_BY_CODE, place.organisation_id, on=clock()[1]))


def _why_not(request: HttpRequest, kind: ChangeKind) -> str:
    """Bank details by the second factor alone: who has none goes to personnel with a paper."""
    return "factor" if kind is ChangeKind.BANK and not has_second_factor(me(request)) else ""


def _unsure(request: HttpRequest, kind: ChangeKind) -> HttpResponse | None:
    """Where to prove once more who one is, before what matters (safety A57)."""
    if kind not in _SURE or halfway.is_sure(request, now=clock()[0]):
        return None
    return redirect(confirm_address(reverse("people:change", args=[kind.value])))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """A request, or for a contact the asking for its code."""
    chosen, (person, place) = _kind(kind), _self(request)
    if _why_not(request, chosen):
        return _form(request, chosen, None, place)
    if (unsure := _unsure(request, chosen)) is not None:
        return unsure
    form = _blank(chosen, person) if request.method != "POST" else ChangeForm(chosen, request.POST, request.FILES)
    if request.method != "POST" or not form.is_valid():
        return _form(request, chosen, form, place)
    now, on = clock()
    try:
        if _by_code(chosen, place):
            told = cleaned(chosen, form.values())
            way = actions.CONTACTS[chosen]
            contacts.send_code(way, told[chosen.value], about=actions.about(person.pk, chosen), at=now)
            return redirect("people:change_code", chosen.value)
        row = actions.ask(
            person.pk,
            place.organisation_id,
            chosen,
            form.values(),
            form.cleaned_data.get("files", []),
            key=form.cleaned_data["key"],
            by=me(request),
            at=now,
            on=on,
        )
    except Refused as refused:
        field = chosen.value if refused.field == "value" else refused.field
        form.add_error(field if field in form.fields else None, str(refused))
        return _form(request, chosen, form, place)
    return redirect("people:my_request", row.pk)


def _blank(kind: ChangeKind, person: Person) -> ChangeForm:
    initial: dict[str, Any] = {}
    if kind is ChangeKind.NAME:
        initial = {name: getattr(person, name) for name in ("surname", "first_name", "patronymic")}
    return ChangeForm(kind, initial=initial)


def _form(
    request: HttpRequest, kind: ChangeKind, form: ChangeForm | None, place: Employment, row: DataRequest | None = None
) -> HttpResponse:
    on = clock()[1]
    context = {
        "form": form,
        "kind": kind.value,
        "what": words.change_word(kind.value),
        "hint": words.change_hint(kind.value),
        "row": row,
        "why_not": _why_not(request, kind),
        "by_code": _by_code(kind, place),
    }
    if kind is ChangeKind.BANK:
        house = place.organisation_id
        context |= {
            "pause": rule(Code.BANK_PAUSE, house, on=on),
            "ahead": rule(Code.BANK_AHEAD, house, on=on),
        }
    status = 422 if form is not None and form.errors else 200
    return _page(request, "people/changes/new.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, kind: str) -> HttpResponse:
    """The code that came to the new phone or address."""
    chosen, (person, place) = _kind(kind), _self(request)
    way = actions.CONTACTS.get(chosen)
    now, on = clock()
    about = actions.about(person.pk, chosen)
    expected = contacts.waiting(way, about=about, at=now) if way is not None else None
    if way is None or expected is None or not _by_code(chosen, place):
        return redirect("people:change", chosen.value)
    if (unsure := _unsure(request, chosen)) is not None:
        return unsure
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            value = contacts.confirm(way, form.cleaned_data["code"], about=about, at=now)
            row = actions.take_contact(person.pk, place.organisation_id, chosen, value, by=me(request), at=now, on=on)
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            messages.success(request, _("Confirmed. It holds here from now on; 1C has to learn of it."))
            return redirect("people:my_request", row.pk)
    context = {"form": form, "kind": chosen.value, "what": words.change_word(chosen.value), "to": expected.value}
    return _page(request, "people/changes/code.html", context, status=422 if form.errors else 200)


def _own(request: HttpRequest, pk: int) -> DataRequest:
    row = own_requests(me(request)).select_related("person", "organisation").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@login_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    context = {
        "shown": queries.shown(row, whole=False),
        "row": row,
        "may_cancel": row.state in (ChangeState.SENT.value, ChangeState.RETURNED.value),
        "may_mend": row.state == ChangeState.RETURNED.value,
    }
    return _page(request, "people/changes/show.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Set right what personnel has returned."""
    row, (_person, place) = _own(request, pk), _self(request)
    kind = ChangeKind(row.kind)
    if row.state != ChangeState.RETURNED.value:
        return redirect("people:my_request", row.pk)
    if kind in _SURE and not halfway.is_sure(request, now=clock()[0]):
        return redirect(confirm_address(reverse("people:mend_request", args=[row.pk])))
    if request.method != "POST":
        return _form(request, kind, ChangeForm(kind, initial=dict(queries.held(row))), place, row)
    form = ChangeForm(kind, request.POST, request.FILES)
    if form.is_valid():
        now, on = clock()
        try:
            scans = form.cleaned_data.get("files", [])
            actions.send_again(row.pk, form.values(), scans, by=me(request), at=now, on=on)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect("people:my_request", row.pk)
    return _form(request, kind, form, place, row)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    try:
        actions.cancel(row.pk, by=me(request), at=clock()[0])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken back."))
    return redirect("people:my_request", row.pk)

"""Links, merges, splitting, tags, own fields and watchers of one request: small forms, in a dialog with the script and
on a page without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.core.decisions import Decision, Refused
from provodnik.desk import policies
from provodnik.desk.actions import linking, merging, own_fields, tagging, watching
from provodnik.desk.forms.own_fields import FieldsForm
from provodnik.desk.forms.ties import LinkToForm, MergeForm, SplitForm, TagsForm, WatchersForm
from provodnik.desk.models import LinkKind, Message, MessageKind, Ticket, TicketFields
from provodnik.desk.queries import marks
from provodnik.desk.queries.ticket_page import colleagues
from provodnik.desk.queries.ties import may_be_watchers
from provodnik.desk.states import Priority, TicketType
from provodnik.desk.views.workbench.common import desk_only, is_fragment, query_of, ticket_or_404, user_of
from provodnik.desk.views.workbench.ticket import act, after, go

Words = str | Promise
MOST_OFFERED = 8  # people under «@»


@dataclass(frozen=True, slots=True)
class Editor:
    """`form(ticket, data)` makes the form, with `data` the typed one; `step` does it and may name another request to
    go to; `may` says who may open it."""

    heading: Words
    button: Words
    form: Callable[[Ticket, Any], forms.Form]
    step: Callable[[Ticket, Any, User, datetime], int | None]
    said: Words
    may: Callable[[User, Ticket], Decision] = lambda user, ticket: policies.may_work(user)
    hint: Words = ""


def _link(ticket: Ticket, form: LinkToForm, user: User, now: datetime) -> None:
    kind, one, other = form.cleaned_data["kind"], ticket.pk, form.cleaned_data["other"]
    if kind == "caused":
        kind, one, other = LinkKind.CAUSE.value, other, one
    linking.link(one, other=other, kind=LinkKind(kind), by=user, at=now)


def _merge(ticket: Ticket, form: MergeForm, user: User, now: datetime) -> int:
    typed = form.cleaned_data
    return merging.merge([ticket.pk], into=typed["into"], text=typed["text"], by=user, at=now).pk


def _may_merge(user: User, ticket: Ticket) -> Decision:
    """The half of the rule that does not depend on the target."""
    return policies.may_write(user, ticket)


def _tags(ticket: Ticket, form: TagsForm, user: User, now: datetime) -> None:
    tagging.set_tags(ticket.pk, names=form.names(), by=user, at=now)


def _fields_form(ticket: Ticket, data: Any) -> FieldsForm:
    row = TicketFields.objects.filter(pk=ticket.pk).first()
    return FieldsForm(
        data, definitions=marks.definitions_of(ticket.contract), values=row.values if row is not None else {}
    )


def _fields(ticket: Ticket, form: FieldsForm, user: User, now: datetime) -> None:
    own_fields.set_fields(ticket.pk, typed=form.typed(), by=user, at=now)


def _watchers_form(ticket: Ticket, data: Any) -> WatchersForm:
    known = list(ticket.watchers.values_list("user_id", "contact_id"))
    initial = {"users": [one for one, _two in known if one], "contacts": [two for _one, two in known if two]}
    return WatchersForm(data, people=may_be_watchers(ticket), initial=initial)


def _watchers(ticket: Ticket, form: WatchersForm, user: User, now: datetime) -> None:
    typed = form.cleaned_data
    watching.set_watchers(ticket.pk, users=typed["users"], contacts=typed.get("contacts", []), by=user, at=now)


EDITORS: Mapping[str, Editor] = {
    "link": Editor(
        _("Link with another request"), _("Link"), lambda ticket, data: LinkToForm(data), _link, _("Linked.")
    ),
    "merge": Editor(
        _("Merge into another request"),
        _("Merge and tell the requester"),
        lambda ticket, data: MergeForm(data),
        _merge,
        _("Merged. The requester is told the number in which it goes on."),
        _may_merge,
        _(
            "This request is closed, and its conversation goes on in the other one. Its number will lead there, for the"
            " requester and for letters too. This cannot be taken back."
        ),
    ),
    "tags": Editor(
        _("Tags"),
        _("Save"),
        lambda ticket, data: TagsForm(
            data, initial={"tags": ", ".join(tag.name for tag in marks.tags_of(ticket)) if data is None else ""}
        ),
        _tags,
        _("The tags are saved."),
    ),
    "fields": Editor(_("Fields of the customer"), _("Save"), _fields_form, _fields, _("The fields are saved.")),
    "watchers": Editor(_("Who else is told"), _("Save"), _watchers_form, _watchers, _("The watchers are saved.")),
}


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def tie(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Show or carry out one editor."""
    editor = EDITORS.get(what)
    if editor is None:
        raise Http404
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    allowed = editor.may(user, ticket)
    if request.method != "POST":
        refused = "" if allowed else str(allowed.reason)
        return _shown(request, ticket, editor, editor.form(ticket, None), what=what, refused=refused)
    form = editor.form(ticket, request.POST)
    if not form.is_valid():
        return _shown(request, ticket, editor, form, what=what, status=422)
    try:
        place = editor.step(ticket, form, user, now)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _shown(request, ticket, editor, form, what=what, status=422)
    if place is None:
        return after(request, number, str(editor.said), now=now)
    return go(request, place, str(editor.said))


def _shown(
    request: HttpRequest,
    ticket: Ticket,
    editor: Any,
    form: forms.Form,
    *,
    what: str = "",
    status: int = 200,
    refused: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {"ticket": ticket, "editor": editor, "form": form, "refused": refused}
    context |= {"query": query_of(request), "known_tags": marks.tags_offered() if what == "tags" else ()}
    if not is_fragment(request):
        return render(request, "desk/workbench/editor.html", context, status=status)
    response = render(request, "desk/workbench/_editor.html", context, status=status)
    if request.method == "POST":  # the form stays in its dialog with its errors
        response["HX-Retarget"] = "#desk-dialog-body"
        response["HX-Reswap"] = "innerHTML"
    return response


@desk_only
@require_POST
def unlink(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Take a link away."""
    return act(
        request,
        number,
        lambda ticket, user, now: linking.unlink(number, link_id=pk, by=user, at=now),
        str(_("The link is taken away.")),
    )


@desk_only
@require_POST
def watch(request: HttpRequest, number: int) -> HttpResponse:
    """Watch the request, or no longer."""
    on = request.POST.get("on") == "1"
    return act(
        request,
        number,
        lambda ticket, user, now: watching.watch(number, on=on, by=user, at=now),
        str(_("You will be told what happens here.") if on else _("You are told no more of this request.")),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    heading: Words
    button: Words
    hint: Words = ""


_SPLIT = _Words(
    _("A request of its own"),
    _("Register and tell the requester"),
    _(
        "The message with its files becomes a new request, registered now. It stays in this conversation as well; the"
        " two are linked, and the requester is told the new number."
    ),
)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """A message becomes a request."""
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    rows = policies.visible_messages(user, ticket, list(ticket.absorbed.values_list("pk", flat=True)))
    said = get_object_or_404(rows.select_related("ticket"), pk=message)
    if request.method != "POST":
        refused = "" if said.kind == MessageKind.ANSWER else str(_("The first message is the request itself."))
        return _shown(request, ticket, _SPLIT, SplitForm.of(said), refused=refused)
    form = SplitForm(request.POST)
    if not form.is_valid():
        return _shown(request, ticket, _SPLIT, form, status=422)
    try:
        made = _split(said, form, user, now)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _shown(request, ticket, _SPLIT, form, status=422)
    return go(request, made.pk, str(_("Registered under № %(number)s.") % {"number": made.pk}))


def _split(message: Message, form: SplitForm, user: User, now: datetime) -> Ticket:
    typed = form.cleaned_data
    return linking.split(
        message.pk,
        subject=typed["subject"],
        type_=TicketType(typed["type"]),
        priority=Priority(typed["priority"]),
        by=user,
        at=now,
        key=typed["key"],
    )


@desk_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who can be named in a note, by a piece of the name or the login: for the list under «@»."""
    typed = request.GET.get("q", "")[:100].replace("\x00", "").strip().lower()
    found = [
        {"login": one.login, "name": one.full_name or one.login}
        for one in colleagues()
        if not typed
        or one.login.startswith(typed)
        or any(word.startswith(typed) for word in one.full_name.lower().split())
    ]
    return JsonResponse({"people": found[:MOST_OFFERED]})

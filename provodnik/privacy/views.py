"""Personal data of one person, for an administrator: find, show what is kept, give out, erase; who saw whose."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.views.confirm import sure_only
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.core.models import ErasureAct
from provodnik.desk.actions.forgetting import may_forget
from provodnik.desk.models import Contact
from provodnik.desk.views.administration.common import administrators_only, me, put
from provodnik.people.models import Employment
from provodnik.privacy import papers
from provodnik.privacy.actions import extracts as making
from provodnik.privacy.forms import ActForm, KeyedForm, LooksForm, SearchForm
from provodnik.privacy.models import Extract
from provodnik.privacy.queries import acts, holdings, subjects

HERE = "privacy:index"
LATEST = 10
TYPES = {
    "zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@administrators_only
@sure_only(HERE)
@form_methods
def index(request: HttpRequest) -> HttpResponse:
    """Whom it is about; what was made lately; acts."""
    form = SearchForm(request.POST or None)
    found = subjects.search(form.cleaned_data["words"]) if form.is_valid() else None
    context = {
        "form": form,
        "found": found,
        "most": subjects.MOST,
        "acts": ErasureAct.objects.filter(kind=ErasureAct.Kind.PERSON).order_by("-begun_at", "-id")[:LATEST],
        **_files(request),
    }
    return render(request, "privacy/index.html", context, status=422 if form.errors else 200)


def _files(request: HttpRequest) -> dict[str, Any]:
    rows = list(Extract.objects.filter(user=me(request)).select_related("blob").order_by("-pk")[:LATEST])
    return {
        "files": rows,
        "busy": any(row.is_underway for row in rows),
        "now": timezone.now(),
        "kept_days": making.KEPT.days,
    }


@administrators_only
@require_safe
def extracts(request: HttpRequest) -> HttpResponse:
    """My files and how far they are: a fragment for htmx, without script a page."""
    if request.headers.get("HX-Request"):
        return render(request, "privacy/_files.html", _files(request))
    return render(request, "privacy/extracts.html", _files(request))


def _card(kind: str, pk: int) -> subjects.Card:
    if kind not in subjects.KINDS:
        raise Http404
    subject = subjects.subject_of(kind, pk)
    if subject is None:
        raise Http404
    return subjects.cards([subject])[0]


@administrators_only
@sure_only(HERE)
@require_safe
def person(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """What is kept of him, by category; what may be done with it."""
    card = _card(kind, pk)
    _seen(request, card)
    return render(request, "privacy/person.html", {**_shown(card), "form": KeyedForm()})


def _seen(request: HttpRequest, card: subjects.Card) -> None:
    """The person reads in «who looked at my data» that an administrator did."""
    for one in card.subject.persons:
        journal.looked(me(request), "privacy.person", one, at=timezone.now())
    for one in card.subject.contacts:
        journal.looked(me(request), "desk.contact", one, at=timezone.now())


def _shown(card: subjects.Card) -> dict[str, Any]:
    counted: dict[str, int] = {}
    for holding, count in holdings.kept(card.subject, card.emails):
        counted[str(holding.category)] = counted.get(str(holding.category), 0) + count
    today = timezone.localdate()
    contacts = [
        (contact, may_forget(contact))
        for contact in Contact.objects.select_related("user", "customer").filter(pk__in=card.subject.contacts)
    ]
    places = Employment.objects.select_related("organisation").filter(person__in=card.subject.persons)
    return {
        "card": card,
        "kind": card.subject.address[0],
        "pk": card.subject.address[1],
        "kept": list(counted.items()),
        "contacts": contacts,
        "places": places.order_by("-starts_on")[:LATEST],
        "works": any(place.is_current(today) for place in places),
    }


@administrators_only
@sure_only(HERE)
@require_POST
def export(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Everything that is kept of him, as a file made in the background."""
    card = _card(kind, pk)
    form = KeyedForm(request.POST)
    if form.is_valid():
        try:
            making.ask(
                Extract.Of.PERSON, "zip", card.subject, {}, by=me(request), at=timezone.now(), **form.cleaned_data
            )
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The file is being made. It appears in the list as soon as it is ready."))
            return redirect("privacy:extracts")
    return render(request, "privacy/person.html", {**_shown(card), "form": form}, status=422)


@administrators_only
@sure_only(HERE)
@form_methods
def looks(request: HttpRequest) -> HttpResponse:
    """An incident: who saw whose data in a time."""
    form = LooksForm(request.POST or None)
    whose, pk = request.GET.get("kind", ""), request.GET.get("pk", "")
    card = _card(whose, int(pk)) if whose and pk.isdecimal() and len(pk) < 19 else None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            making.ask(
                Extract.Of.LOOKS, typed["kind"], card.subject if card else None, form.query(),
                reason=typed["reason"], key=typed["key"], by=me(request), at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The file is being made. It appears in the list as soon as it is ready."))
            return redirect("privacy:extracts")
    return render(request, "privacy/looks.html", {"form": form, "card": card}, status=422 if form.errors else 200)


@administrators_only
@sure_only(HERE)
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, for who asked for it."""
    extract = get_object_or_404(Extract.objects.select_related("blob"), pk=pk, user=me(request), blob__isnull=False)
    assert extract.blob is not None
    try:
        stream = files.open_stream(extract.blob)
    except OSError as error:
        raise Http404 from error
    if request.method == "GET":
        journal.looked(me(request), "privacy.extract", pk, at=timezone.now(), verb="downloaded")
    kind = TYPES[extract.kind]
    response: HttpResponseBase
    if stream is not None:
        response = FileResponse(stream, content_type=kind)
    else:
        response = HttpResponse(files.read(extract.blob), content_type=kind)
    name = f"{extract.of}-{extract.pk}.{extract.kind}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return cast(HttpResponse, response)  # a FileResponse is one to whoever sends it


@administrators_only
@sure_only(HERE)
@form_methods
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """The act to be signed, with the extract of the journal; what the product does not know is typed in, not kept."""
    found = get_object_or_404(ErasureAct, pk=pk)
    form = ActForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        data = acts.paper(found, form.cleaned_data, system=_("PROvodnik %(version)s") % {"version": settings.VERSION})
        journal.looked(me(request), "core.erasureact", pk, at=now, verb="downloaded")
        response = HttpResponse(papers.render(data, at=now), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="act-{found.pk}.pdf"'
        return response
    by = User.objects.filter(pk=found.by).first() if found.by is not None else None
    context = {"form": form, "act": found, "by": by, "categories": acts.categories(found)}
    return render(request, "privacy/act.html", context, status=422 if form.errors else 200)

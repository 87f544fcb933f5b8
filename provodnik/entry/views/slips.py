"""Personnel prints slips and reads the register of issue."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.entry import paper, words
from provodnik.entry.actions import choosing, inviting, slips
from provodnik.entry.forms import ChosenForm, RulesForm, chosen
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.policies import visible_slips
from provodnik.entry.queries import candidates, naming, register
from provodnik.entry.queries.fates import progress
from provodnik.entry.queries.managed import managed_by
from provodnik.entry.sheet import workbook
from provodnik.entry.states import Way
from provodnik.people.forms import number
from provodnik.people.models import Employment, Organisation, Unit
from provodnik.people.policies import houses_of
from provodnik.people.views.common import clock, frame_of, me, personnel

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context |= {"frame": frame_of(me(request)), "now": timezone.now()}
    return render(request, template, context, status=status)


def _house(request: HttpRequest, given: str | None) -> Organisation | None:
    """The organisation that was asked for, if it is his; None when none was asked for."""
    if not given:
        return None
    found = houses_of(me(request)).filter(pk=number(given) or 0).first()
    if found is None:
        raise Http404
    return found


@personnel
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    house = _house(request, request.GET.get("organisation"))
    page = register.page(
        me(request),
        now=timezone.now(),
        organisation=house.pk if house else None,
        before=number(request.GET.get("before")),
    )
    context = {"page": page, "house": house, "houses": list(houses_of(me(request))), "later": "before" in request.GET}
    return _page(request, "entry/register.html", context)


@personnel
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    house = _house(request, request.GET.get("organisation"))
    now = timezone.now()
    content = workbook(register.whole(me(request), now=now, organisation=house.pk if house else None))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="slips-{now:%Y-%m-%d}.xlsx"'
    return response


@personnel
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a unit or look somebody up, then print. The answer to the form is the PDF itself: the codes are nowhere
    else, so there is nothing to lead to."""
    given = request.POST if request.method == "POST" else request.GET
    mine = list(houses_of(me(request)))
    house = _house(request, given.get("organisation")) or mine[0]
    unit = Unit.objects.filter(organisation=house, pk=number(given.get("unit")) or 0).first()
    if request.method != "POST":
        return _choosing(request, mine, house, unit)
    form = ChosenForm(request.POST)
    if not form.is_valid():
        return _choosing(request, mine, house, unit, status=422)
    now, on = clock()
    if request.POST.get("how") == "send":
        return _send(request, mine, house, unit, form.cleaned_data["key"])
    try:
        _sheet, printed = slips.make(
            house, chosen(request), key=form.cleaned_data["key"], by=me(request), at=now, on=on, unit=unit
        )
    except ChangedMeanwhile:
        return _choosing(request, mine, house, unit, status=409, twice=True)
    except Refused as refused:
        return _choosing(request, mine, house, unit, status=422, wrong=str(refused))
    response = HttpResponse(paper.slips(house, printed, at=now), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="slips-{now:%Y-%m-%d-%H%M}.pdf"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """A manager prints for his own people, where his organisation allows it; for anybody else there is no such page."""
    now, on = clock()
    rows = managed_by(me(request), on=on)
    if not rows:
        raise Http404
    groups: dict[Organisation, list[Employment]] = {}
    for row in rows:
        groups.setdefault(row.organisation, []).append(row)
    wrong = ""
    if request.method == "POST":
        form, wanted = ChosenForm(request.POST), set(chosen(request))
        house = next(
            (one for one, people in groups.items() if wanted & {row.pk for row in people}), rows[0].organisation
        )
        if form.is_valid():
            try:
                _sheet, printed = slips.make(house, wanted, key=form.cleaned_data["key"], by=me(request), at=now, on=on)
            except Refused as refused:
                wrong = str(refused)
            else:
                response = HttpResponse(paper.slips(house, printed, at=now), content_type="application/pdf")
                response["Content-Disposition"] = f'attachment; filename="slips-{now:%Y-%m-%d-%H%M}.pdf"'
                return response
    context = {
        "form": ChosenForm(),
        "groups": [(house, candidates.judged(house, people, on=on)) for house, people in groups.items()],
        "wrong": wrong,
    }
    return _page(request, "entry/mine.html", context, status=422 if request.method == "POST" else 200)


def _send(
    request: HttpRequest, mine: list[Organisation], house: Organisation, unit: Unit | None, key: UUID
) -> HttpResponse:
    now, on = clock()
    try:
        sheet, unreached = inviting.invite(house, chosen(request), key=key, by=me(request), at=now, on=on, unit=unit)
    except ChangedMeanwhile:
        sheet, unreached = Sheet.objects.get(key=key, organisation=house), 0
    except Refused as refused:
        return _choosing(request, mine, house, unit, status=422, wrong=str(refused))
    if unreached:
        words_of = ngettext(
            "%(count)d person has no contact: print a slip.",
            "%(count)d people have no contact: print slips.",
            unreached,
        )
        messages.warning(request, words_of % {"count": unreached})
    return redirect("entry:sending", pk=sheet.pk)


@personnel
@require_safe
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """How a sending of invitations goes on; the bar renews itself."""
    sheet = get_object_or_404(
        Sheet.objects.exclude(slips__way=Way.PAPER.value), pk=pk, organisation__in=houses_of(me(request))
    )
    context = {"sheet": sheet, "progress": progress(sheet)}
    if request.headers.get("HX-Request"):
        return _page(request, "entry/sending.html#going", context)
    return _page(request, "entry/sending.html", context | {"lines": register.of_sheet(sheet, now=timezone.now())})


def _choosing(
    request: HttpRequest,
    mine: list[Organisation],
    house: Organisation,
    unit: Unit | None,
    *,
    status: int = 200,
    wrong: str = "",
    twice: bool = False,
) -> HttpResponse:
    typed = " ".join(request.GET.get("q", "").replace("\0", " ")[:100].split())
    asked = unit is not None or bool(typed)
    found, more = candidates.listed(house, unit=unit, typed=typed, on=clock()[1]) if asked else ([], False)
    context = {
        "form": ChosenForm(),
        "houses": mine,
        "house": house,
        "units": [(one, "\u2003" * (len(one.path) - 1)) for one in candidates.units(house)],
        "unit": unit,
        "typed": typed,
        "asked": asked,
        "found": found,
        "more": more,
        "most": candidates.MOST,
        "wrong": wrong,
        "twice": twice,
    }
    return _page(request, "entry/new.html", context, status=status)


@personnel
@require_POST
def void(request: HttpRequest, pk: int) -> HttpResponse:
    if not visible_slips(me(request)).filter(pk=pk).exists():
        raise Http404
    try:
        slips.void(pk, by=me(request), at=timezone.now())
    except (Refused, Slip.DoesNotExist) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, words.voided())
    return redirect("entry:index")


@personnel
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """How each of his organisations lets its people in, and who cannot sign in because of it."""
    return _rules(request)


def _rules(request: HttpRequest, wrong: tuple[Organisation, RulesForm] | None = None) -> HttpResponse:
    on = clock()[1]
    rows = [
        (
            house,
            wrong[1] if wrong is not None and wrong[0] == house else RulesForm.of(house.pk, on=on),
            [(words.name_of(one), one) for one in naming.clashes(house, on=on)],
        )
        for house in houses_of(me(request))
    ]
    return _page(request, "entry/rules.html", {"rows": rows}, status=422 if wrong else 200)


@personnel
@require_POST
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    house = _house(request, str(pk))
    assert house is not None
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _rules(request, (house, form))
    now, on = clock()
    choosing.choose(house.pk, form.wanted(), by=me(request), at=now, on=on)
    messages.success(request, _("Saved. It holds from now on."))
    return redirect("entry:rules")

"""Working calendars and the production calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.desk.actions.administration import calendars as actions
from provodnik.desk.forms.administration.calendars import DAYS, CalendarForm, ExceptionForm, ProductionDayForm
from provodnik.desk.forms.administration.fields import told_spans
from provodnik.desk.models import Calendar, CalendarException, ProductionDay
from provodnik.desk.queries import administration as queries
from provodnik.desk.views.administration.common import administrators_only, do, handle, me, paged, words

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _told_week(calendar: Calendar) -> str:
    """«пн–пт 09:00–18:00» in one line, for a list."""
    groups: list[tuple[list[int], str]] = []
    for day in range(7):
        told = told_spans(calendar.week.get(str(day), []))
        if groups and groups[-1][1] == told:
            groups[-1][0].append(day)
        else:
            groups.append(([day], told))
    names = [str(name) for name in WEEKDAYS_ABBR.values()]
    return " · ".join(
        f"{names[days[0]].lower()}{'–' + names[days[-1]].lower() if len(days) > 1 else ''} {told}"
        for days, told in groups
        if told
    )


@administrators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    page = paged(request, Calendar.objects.filter(name__icontains=words(request)))
    rows = [(calendar, _told_week(calendar)) for calendar in page.rows]
    return render(request, "desk/settings/calendars.html", {"page": page, "rows": rows, "q": words(request)})


def _save(request: HttpRequest, form: CalendarForm, *, told: str, calendar: Calendar | None) -> HttpResponse:
    def save() -> Calendar:
        form.instance.week = form.cleaned_data["week"]
        return actions.save_calendar(form.instance, by=me(request), at=timezone.now())

    exceptions = list(calendar.exceptions.order_by("date")) if calendar else []
    return handle(
        request,
        form,
        "desk/settings/calendar.html",
        save=save,
        told=told,
        to=lambda saved: reverse("settings:calendar", args=[saved.pk]),
        calendar=calendar,
        exceptions=[(row, told_spans(row.spans)) for row in exceptions],
        preview=queries.preview(calendar, today=timezone.localdate()) if calendar else [],
        contracts=list(calendar.contract_set.select_related("customer")[:20]) if calendar else [],
    )


@administrators_only
@form_methods
def add(request: HttpRequest) -> HttpResponse:
    return _save(request, CalendarForm(request.POST or None), told=_("The calendar is added."), calendar=None)


@administrators_only
@form_methods
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    form = CalendarForm(request.POST or None, instance=get_object_or_404(Calendar, pk=pk))
    told = _("The calendar is saved. New deadlines are counted by it.")
    return _save(request, form, told=told, calendar=get_object_or_404(Calendar, pk=pk))


@administrators_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    calendar = get_object_or_404(Calendar, pk=pk)
    return do(
        request,
        lambda: actions.remove_calendar(calendar, by=me(request), at=timezone.now()),
        told=_("The calendar is removed."),
        to=reverse("settings:calendars"),
    )


def _save_exception(request: HttpRequest, row: CalendarException, shown: CalendarException | None) -> HttpResponse:
    form = ExceptionForm(request.POST or None, instance=row)
    return handle(
        request,
        form,
        "desk/settings/exception.html",
        save=lambda: actions.save_exception(form.instance, by=me(request), at=timezone.now()),
        told=_("The day is saved."),
        to=reverse("settings:calendar", args=[row.calendar_id]),
        calendar=row.calendar,
        exception=shown,
    )


@administrators_only
@form_methods
def add_exception(request: HttpRequest, pk: int) -> HttpResponse:
    return _save_exception(request, CalendarException(calendar=get_object_or_404(Calendar, pk=pk)), None)


@administrators_only
@form_methods
def edit_exception(request: HttpRequest, pk: int) -> HttpResponse:
    rows = CalendarException.objects.select_related("calendar")
    return _save_exception(request, get_object_or_404(rows, pk=pk), get_object_or_404(rows, pk=pk))


@administrators_only
@require_POST
def remove_exception(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CalendarException.objects.select_related("calendar"), pk=pk)
    return do(
        request,
        lambda: actions.remove_exception(row, by=me(request), at=timezone.now()),
        told=_("The day is removed from the calendar."),
        to=reverse("settings:calendar", args=[row.calendar_id]),
    )


def _year(text: str) -> int:
    """The year asked for; this one when none is. Raises Http404 for nonsense."""
    if not text:
        return timezone.localdate().year
    if not text.isdecimal() or not 2000 <= int(text[:5]) <= 2100:
        raise Http404
    return int(text)


def _production(year: int) -> str:
    return f"{reverse('settings:production')}?year={year}"


@administrators_only
@require_safe
def production(request: HttpRequest) -> HttpResponse:
    year = _year(request.GET.get("year", ""))
    context = {
        "year": queries.production_year(year),
        "years": queries.production_years(timezone.localdate()),
        "weekdays": DAYS,
    }
    return render(request, "desk/settings/production.html", context)


def _save_day(request: HttpRequest, row: ProductionDay, shown: ProductionDay | None) -> HttpResponse:
    form = ProductionDayForm(request.POST or None, instance=row)
    year = _year(request.GET.get("year", "")) if shown is None else shown.date.year
    return handle(
        request,
        form,
        "desk/settings/production_day.html",
        save=lambda: actions.save_production_day(form.instance, by=me(request), at=timezone.now()),
        told=_("The day is saved. New deadlines are counted by it."),
        to=lambda saved: _production(saved.date.year),
        day=shown,
        back=_production(year),
    )


@administrators_only
@form_methods
def add_production_day(request: HttpRequest) -> HttpResponse:
    return _save_day(request, ProductionDay(), None)


@administrators_only
@form_methods
def edit_production_day(request: HttpRequest, pk: int) -> HttpResponse:
    return _save_day(request, get_object_or_404(ProductionDay, pk=pk), get_object_or_404(ProductionDay, pk=pk))


@administrators_only
@require_POST
def remove_production_day(request: HttpRequest, pk: int) -> HttpResponse:
    day = get_object_or_404(ProductionDay, pk=pk)
    return do(
        request,
        lambda: actions.remove_production_day(day, by=me(request), at=timezone.now()),
        told=_("The day is again what its weekday makes it."),
        to=_production(day.date.year),
    )


@administrators_only
@require_POST
def load_production(request: HttpRequest) -> HttpResponse:
    year = _year(request.POST.get("year", ""))
    added = actions.add_shipped_days(year, by=me(request), at=timezone.now())
    if added:
        told = ngettext("%(count)d day is added.", "%(count)d days are added.", added) % {"count": added}
        messages.success(request, told)
    else:
        messages.info(request, _("Nothing to add: all days that come with the product are there."))
    return redirect(_production(year))

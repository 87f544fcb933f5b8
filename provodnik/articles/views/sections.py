"""Sections: the shelves of articles."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.articles.actions import publishing
from provodnik.articles.forms import SectionForm
from provodnik.articles.models import Section
from provodnik.articles.views.common import me, publishers_only, put
from provodnik.core.decisions import Refused


@publishers_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    sections = Section.objects.annotate(count=Count("articles")).order_by("position", "name")[:300]
    return render(request, "articles/authors/sections.html", {"sections": sections})


@publishers_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@publishers_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(Section, pk=pk))


def _form(request: HttpRequest, section: Section | None) -> HttpResponse:
    form = SectionForm(request.POST or None, instance=section)
    if request.method == "POST" and form.is_valid():
        try:
            publishing.keep_section(form.save(commit=False), by=me(request), at=timezone.now())
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The section is saved."))
            return redirect("articles:sections")
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and not form.is_bound:
        form = SectionForm({}, instance=section)
    return render(request, "articles/authors/section.html", {"form": form, "section": section}, status=status)


@publishers_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    section = get_object_or_404(Section, pk=pk)
    try:
        publishing.remove_section(section, by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("articles:section_edit", pk=pk)
    messages.success(request, _("The section is removed."))
    return redirect("articles:sections")

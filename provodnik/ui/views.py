"""The gallery: every component in every state, to be looked at and checked by machines."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from provodnik.ui.gallery import DESK_NAV, context

PAGES = {"cabinet", "workbench", "plain", "conversation", "errors"}


def _guard() -> None:
    """Only where the installation shows the gallery: an outsider learns nothing of it."""
    if not getattr(settings, "PROVODNIK_GALLERY", False):
        raise Http404


def gallery(request: HttpRequest) -> HttpResponse:
    """Components of forms, lists and notices, in the cabinet's frame."""
    return gallery_page(request, "cabinet")


def gallery_page(request: HttpRequest, page: str) -> HttpResponse:
    """One page of the gallery: cabinet, conversation, workbench, plain, errors."""
    _guard()
    if page not in PAGES:
        raise Http404
    shown = context(timezone.now())
    if page == "workbench":
        shown["nav"] = DESK_NAV
    return render(request, f"ui/gallery/{page}.html", shown)

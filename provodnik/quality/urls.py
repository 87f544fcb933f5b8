"""Addresses of quality."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from provodnik.quality.views import behind, files, page

app_name = "quality"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", page.index, name="index"),
    path("requests", behind.behind, name="behind"),
    path("files", files.index, name="files"),
    path("files/ask", files.ask, name="ask"),
    path("journal", files.of_journal, name="journal"),
    path("journal/ask", files.ask_journal, name="ask_journal"),
    path("files/<int:pk>", files.download, name="download"),
    path("files/<int:pk>/cancel", files.cancel, name="cancel"),
    path("print/<int:customer>/<str:period>", files.to_print, name="print"),
]

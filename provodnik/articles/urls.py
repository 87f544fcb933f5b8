"""Addresses of articles."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from provodnik.articles.views import authors, beside, files, reader, sections, versions

app_name = "articles"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", reader.index, name="index"),
    path("section/<int:pk>", reader.section, name="section"),
    path("suggest", reader.suggest, name="suggest"),
    path("<int:pk>", reader.show, name="show"),
    path("<int:pk>/print", reader.print_view, name="print"),
    path("<int:pk>/pdf", reader.pdf, name="pdf"),
    path("<int:pk>/vote", reader.vote, name="vote"),
    path("<int:pk>/ask", reader.ask, name="ask"),
    path("files/<uuid:key>", files.download, name="file"),
    path("files/<uuid:key>/view", files.picture, name="picture"),
    path("write/", authors.index, name="authors"),
    path("write/new", authors.new, name="new"),
    path("write/preview", authors.preview, name="preview"),
    path("write/asked", authors.asked, name="asked"),
    path("write/asked/<int:pk>/forget", authors.forget, name="forget"),
    path("write/sections", sections.index, name="sections"),
    path("write/sections/new", sections.new, name="section_new"),
    path("write/sections/<int:pk>", sections.edit, name="section_edit"),
    path("write/sections/<int:pk>/remove", sections.remove, name="section_remove"),
    path("write/<int:pk>", authors.edit, name="edit"),
    path("write/<int:pk>/withdraw", authors.withdraw, name="withdraw"),
    path("write/<int:pk>/checked", authors.checked, name="checked"),
    path("write/<int:pk>/delete", authors.delete, name="delete"),
    path("write/<int:pk>/files/<uuid:key>/remove", authors.detach, name="detach"),
    path("write/<int:pk>/versions", versions.index, name="versions"),
    path("write/<int:pk>/versions/differ", versions.differ, name="differ"),
    path("write/<int:pk>/versions/<int:version>", versions.show, name="version"),
    path("write/<int:pk>/versions/<int:version>/restore", versions.restore, name="restore"),
    path("beside/<int:number>", beside.panel, name="beside"),
    path("beside/<int:number>/<int:pk>/words", beside.words, name="words"),
    path("beside/<int:number>/<int:pk>/close", beside.close, name="close"),
]

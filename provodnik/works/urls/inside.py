"""Works for who signs in."""

from __future__ import annotations

from django.urls import path

from provodnik.works.views import leading, pages, personal, tying

app_name = "works"
urlpatterns = [
    path("", pages.index, name="index"),
    path("new", leading.new, name="new"),
    path("known", pages.known, name="known"),
    path("silence", personal.silence, name="silence"),
    path("address", personal.new_address, name="address"),
    path("beside/<int:number>", tying.beside, name="beside"),
    path("<int:pk>", pages.show, name="show"),
    path("<int:pk>/change", leading.change, name="change"),
    path("<int:pk>/step/<slug:what>", leading.step, name="step"),
    path("<int:pk>/progress", tying.progress, name="progress"),
    path("<int:pk>/answer", tying.answer, name="answer"),
    path("<int:pk>/tie/<int:number>", tying.tie, name="tie"),
    path("<int:pk>/untie/<int:number>", tying.untie, name="untie"),
    path("<int:pk>/away", personal.put_away, name="put_away"),
]

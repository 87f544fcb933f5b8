"""Addresses of consents: the worker's, the personnel's."""

from __future__ import annotations

from django.urls import path

from provodnik.consents.views import editions, keeping, marking, own

app_name = "consents"
urlpatterns = [
    path("", marking.index, name="index"),
    path("mark", marking.mark_many, name="mark"),
    path("marked/<uuid:key>", marking.marked, name="marked"),
    path("people/<int:pk>", keeping.person, name="person"),
    path("people/<int:pk>/mark", marking.mark_one, name="mark_one"),
    path("mine", own.mine, name="mine"),
    path("mine/<int:pk>", own.show, name="mine_one"),
    path("mine/<int:pk>/withdraw", own.withdraw, name="withdraw_own"),
    path("texts/<int:pk>", editions.text, name="text"),
    path("editions", editions.index, name="editions"),
    path("editions/new", editions.new, name="new_edition"),
    path("editions/<int:pk>/mend", editions.mend, name="mend_edition"),
    path("editions/<int:pk>/remove", editions.remove, name="remove_edition"),
    path("scans/<uuid:key>", own.scan, name="scan"),
    path("<int:pk>", keeping.show, name="show"),
    path("<int:pk>/attach", keeping.attach, name="attach"),
    path("<int:pk>/withdraw", keeping.withdraw, name="withdraw"),
    path("<int:pk>/mistake", keeping.mistake, name="mistake"),
    path("<int:pk>/again", keeping.again, name="again"),
]

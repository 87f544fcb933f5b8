"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from provodnik.people.views import changes, directory, mine, person, structure
from provodnik.people.views.keeping import deputies, duplicates, houses, requests, rules, staff, units

app_name = "people"
urlpatterns = [
    path("", directory.index, name="index"),
    path("structure", structure.index, name="structure"),
    path("structure/<int:pk>", structure.unit, name="unit"),
    path("structure/<int:pk>/branch", structure.branch, name="branch"),
    path("me", mine.me_page, name="me"),
    path("me/looks", mine.looks, name="looks"),
    path("me/place", mine.place, name="place"),
    path("me/deputies", deputies.mine, name="my_deputies"),
    path("deputies/<int:pk>/end", deputies.end, name="end_deputy"),
    path("organisations", houses.index, name="organisations"),
    path("organisations/<int:pk>", houses.show, name="organisation"),
    path("organisations/<int:pk>/settings", houses.settings, name="settings"),
    path("organisations/<int:pk>/holidays", houses.holidays, name="holidays"),
    path("organisations/<int:pk>/holidays/<int:row>/remove", houses.remove_holiday, name="remove_holiday"),
    path("organisations/<int:pk>/staff", staff.staff, name="staff"),
    path("organisations/<int:pk>/staff/give", staff.give_role, name="give_role"),
    path("organisations/<int:pk>/staff/<int:row>/take", staff.take_role, name="take_role"),
    path("organisations/<int:pk>/rules", rules.rules, name="rules"),
    path("organisations/<int:pk>/rules/decide", rules.decide, name="decide_rule"),
    path("organisations/<int:pk>/units", units.units, name="units"),
    path("organisations/<int:pk>/units/add", units.add, name="add_unit"),
    path("organisations/<int:pk>/deputies", deputies.deputies, name="deputies"),
    path("organisations/<int:pk>/deputies/add", deputies.add, name="add_deputy"),
    path("units/<int:pk>/keep", units.unit, name="keep_unit"),
    path("me/data", changes.mine, name="my_requests"),
    path("me/data/new/<slug:kind>", changes.new, name="change"),
    path("me/data/new/<slug:kind>/code", changes.code, name="change_code"),
    path("me/data/<int:pk>", changes.show, name="my_request"),
    path("me/data/<int:pk>/mend", changes.mend, name="mend_request"),
    path("me/data/<int:pk>/cancel", changes.cancel, name="cancel_request"),
    path("requests", requests.index, name="requests"),
    path("requests/<int:pk>", requests.show, name="request"),
    path("requests/<int:pk>/decide", requests.decide, name="decide"),
    path("scans/<uuid:key>", requests.scan, name="scan"),
    path("duplicates", duplicates.index, name="duplicates"),
    path("<int:pk>/join/<int:other>", duplicates.join, name="join"),
    path("<int:pk>", person.show, name="person"),
    path("<int:pk>/card", person.card, name="card"),
    path("<int:pk>/correct", person.correct, name="correct"),
    path("<int:pk>/follow/<slug:field>", person.follow, name="follow"),
]

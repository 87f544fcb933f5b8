"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from provodnik.people.views import directory, mine, person, structure

app_name = "people"
urlpatterns = [
    path("", directory.index, name="index"),
    path("structure", structure.index, name="structure"),
    path("structure/<int:pk>", structure.unit, name="unit"),
    path("structure/<int:pk>/branch", structure.branch, name="branch"),
    path("me", mine.me_page, name="me"),
    path("me/looks", mine.looks, name="looks"),
    path("me/place", mine.place, name="place"),
    path("<int:pk>", person.show, name="person"),
    path("<int:pk>/card", person.card, name="card"),
    path("<int:pk>/correct", person.correct, name="correct"),
    path("<int:pk>/follow/<slug:field>", person.follow, name="follow"),
]

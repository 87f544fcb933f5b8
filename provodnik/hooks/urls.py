"""Addresses of hooks."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from provodnik.hooks import views

app_name = "hooks"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="index"),
    path("new/", views.add, name="add"),
    path("<int:pk>/", views.show, name="show"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/secret/", views.rotate, name="rotate"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/parked/", views.send_parked, name="send_parked"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/<uuid:key>/", views.delivery, name="delivery"),
    path("<int:pk>/<uuid:key>/again/", views.send_again, name="send_again"),
]

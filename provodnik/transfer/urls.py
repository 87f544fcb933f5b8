"""Addresses of transfer."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from provodnik.transfer import views

app_name = "transfer"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.show, name="show"),
    path("<int:pk>/take/", views.take, name="take"),
    path("<int:pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/report.csv", views.report, name="report"),
]

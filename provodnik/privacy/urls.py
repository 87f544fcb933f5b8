"""Addresses of personal data: administrators' alone."""

from __future__ import annotations

from django.urls import path

from provodnik.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.index, name="index"),
    path("looks/", views.looks, name="looks"),
    path("extracts/", views.extracts, name="extracts"),
    path("extracts/<int:pk>/file/", views.download, name="download"),
    path("acts/<int:pk>/", views.act, name="act"),
    path("<str:kind>/<int:pk>/", views.person, name="person"),
    path("<str:kind>/<int:pk>/export/", views.export, name="export"),
]

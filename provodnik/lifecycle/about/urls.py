"""Addresses of «О программе»."""

from __future__ import annotations

from django.urls import path

from provodnik.lifecycle.about import views

app_name = "about"
urlpatterns = [
    path("", views.about, name="about"),
    path("licences/", views.whose, name="licences"),
    path("reminder/", views.remind, name="reminder"),
]

"""Addresses of monitoring. `healthz` itself (web and database answer) is web's."""

from __future__ import annotations

from django.urls import path

from provodnik.lifecycle import views

app_name = "watch"
urlpatterns = [
    path("healthz/live", views.live, name="live"),
    path("healthz/work", views.work, name="work"),
    path("metrics", views.metrics, name="metrics"),
]

"""Addresses of works."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "works"
urlpatterns: list[URLPattern | URLResolver] = []

"""Addresses of the API: its page, its schema, its operations."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from provodnik.api import views
from provodnik.api.app import api
from provodnik.api.door import at_the_door, nothing_here

app_name = "api"
_operations = [*at_the_door(api.urls[0]), re_path(r"^.*$", nothing_here, name="nothing_here")]
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/docs", views.page, name="docs"),
    path("v1/docs/<slug:group>", views.group, name="docs_of"),
    path("v1/openapi.json", views.schema, name="openapi"),
    path("v1/", include((_operations, "v1"), namespace="v1")),
]

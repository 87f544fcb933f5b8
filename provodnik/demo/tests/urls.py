"""The house with the demo's pages, which settings.DEMO alone brings."""

from __future__ import annotations

from django.urls import include, path

from provodnik.config.urls import handler404 as handler404
from provodnik.config.urls import urlpatterns as house

urlpatterns = [*house, path("demo/", include("provodnik.demo.urls"))]

"""Addresses of the exchange."""

from __future__ import annotations

from django.urls import path

from provodnik.exchange.views import journal, keeping, odata, outgoing

app_name = "exchange"
urlpatterns = [
    path("", journal.index, name="index"),
    path("batches/<int:pk>", journal.batch, name="batch"),
    path("batches/<int:pk>/decide", journal.decide, name="decide"),
    path("problems", journal.problems, name="problems"),
    path("problems/<int:pk>/again", journal.again, name="again"),
    path("differences", keeping.differences, name="differences"),
    path("limits", keeping.limits, name="limits"),
    path("limits/<int:pk>", keeping.limit, name="limit"),
    path("bases", keeping.bases, name="bases"),
    path("bases/<int:pk>/key", keeping.new_key, name="new_key"),
    path("bases/<int:pk>/switch", keeping.switch, name="switch"),
    path("bases/<int:pk>/gives", outgoing.gives, name="gives"),
    path("bases/<int:pk>/odata", odata.settings, name="odata"),
    path("bases/<int:pk>/odata/check", odata.check, name="check_odata"),
    path("bases/<int:pk>/odata/read", odata.read, name="read_odata"),
    path("told", outgoing.told, name="told"),
    path("schema.json", keeping.schema, name="schema"),
]

"""Addresses of entry: a short one to be typed from paper, the pages of personnel."""

from __future__ import annotations

from django.urls import path

from provodnik.entry.views import activate, slips

app_name = "entry"
urlpatterns = [
    path("start/", activate.start, name="start"),
    path("start/password/", activate.password, name="password"),
    path("start/by/<str:token>/", activate.by_link, name="start_link"),
    path("start/<str:code>/", activate.start, name="start_with"),
    path("slips/", slips.index, name="index"),
    path("slips/new/", slips.new, name="new"),
    path("slips/mine/", slips.mine, name="mine"),
    path("slips/sent/<int:pk>/", slips.sending, name="sending"),
    path("slips/export/", slips.export, name="export"),
    path("slips/rules/", slips.rules, name="rules"),
    path("slips/rules/<int:pk>/", slips.rule, name="rule"),
    path("slips/<int:pk>/void/", slips.void, name="void"),
]

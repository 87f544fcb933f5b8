"""Addresses of messages to phones."""

from __future__ import annotations

from django.urls import path

from provodnik.sms import views

app_name = "sms"
urlpatterns = [
    path("settings/sms/", views.index, name="index"),
    path("settings/sms/test/", views.test, name="test"),
]

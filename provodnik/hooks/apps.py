"""Webhooks out."""

from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "provodnik.hooks"
    label = "hooks"

"""Personal data of one person."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "provodnik.privacy"
    label = "privacy"

"""Django's handle on the design system."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Components in templates/cotton, frames in templates/ui, filters in templatetags/ui.py."""

    name = "provodnik.ui"
    label = "ui"

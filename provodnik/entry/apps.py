from django.apps import AppConfig


class EntryConfig(AppConfig):
    name = "provodnik.entry"
    label = "entry"

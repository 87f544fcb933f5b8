from django.apps import AppConfig


class ManualConfig(AppConfig):
    name = "provodnik.manual"
    label = "manual"

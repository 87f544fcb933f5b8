from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "provodnik.core"
    label = "core"

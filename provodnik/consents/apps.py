from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "provodnik.consents"
    label = "consents"

from django.apps import AppConfig


class FederationConfig(AppConfig):
    name = "provodnik.federation"
    label = "federation"

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "provodnik.api"
    label = "api"

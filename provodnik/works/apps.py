from django.apps import AppConfig


class WorksConfig(AppConfig):
    name = "provodnik.works"
    label = "works"

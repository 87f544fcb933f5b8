from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "provodnik.desk"
    label = "desk"

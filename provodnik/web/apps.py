from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "provodnik.web"
    label = "web"

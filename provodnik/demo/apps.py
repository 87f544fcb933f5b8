from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "provodnik.demo"
    label = "demo"

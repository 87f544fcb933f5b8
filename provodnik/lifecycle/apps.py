from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "provodnik.lifecycle"
    label = "lifecycle"

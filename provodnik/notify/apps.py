from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "provodnik.notify"
    label = "notify"

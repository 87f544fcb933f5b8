from django.apps import AppConfig


class TransferConfig(AppConfig):
    name = "provodnik.transfer"
    label = "transfer"

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "provodnik.exchange"
    label = "exchange"

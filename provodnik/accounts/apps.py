from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "provodnik.accounts"
    label = "accounts"

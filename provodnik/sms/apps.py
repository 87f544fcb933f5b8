from django.apps import AppConfig


class SmsConfig(AppConfig):
    name = "provodnik.sms"
    label = "sms"

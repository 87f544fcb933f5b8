from django.apps import AppConfig


class PayslipsConfig(AppConfig):
    name = "provodnik.payslips"
    label = "payslips"

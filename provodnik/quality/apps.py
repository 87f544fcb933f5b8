from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "provodnik.quality"
    label = "quality"

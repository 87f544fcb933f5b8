from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "provodnik.channels"
    label = "channels"

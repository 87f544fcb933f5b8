from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "provodnik.people"
    label = "people"

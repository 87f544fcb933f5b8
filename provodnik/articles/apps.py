from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "provodnik.articles"
    label = "articles"

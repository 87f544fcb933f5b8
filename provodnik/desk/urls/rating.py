from __future__ import annotations

from django.urls import path

from provodnik.desk.views import rating

app_name = "rating"
urlpatterns = [path("<str:token>/", rating.rate, name="rate")]

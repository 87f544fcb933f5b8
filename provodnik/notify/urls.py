from __future__ import annotations

from django.urls import path

from provodnik.notify import views

app_name = "notify"
urlpatterns = [
    path("", views.index, name="index"),
    path("read", views.read, name="read"),
    path("<int:notice_id>", views.follow, name="follow"),
]

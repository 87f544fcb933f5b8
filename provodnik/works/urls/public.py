"""Works for anybody: the status page, calendars by a secret address, silence by a signed one."""

from __future__ import annotations

from django.urls import path

from provodnik.works.views import public

app_name = "status"
urlpatterns = [
    path("", public.page, name="page"),
    path("works.ics", public.feed, name="feed"),
    path("calendar/<str:token>.ics", public.calendar, name="calendar"),
    path("letters/<str:token>", public.letters, name="letters"),
]

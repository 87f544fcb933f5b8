from __future__ import annotations

from django.urls import path

from provodnik.desk.views import files

app_name = "files"
urlpatterns = [
    path("<uuid:key>", files.download, name="download"),
    path("<uuid:key>/preview", files.preview, name="preview"),
    path("letters/<int:message_id>.eml", files.letter, name="letter"),
    path("letters/<int:message_id>/", files.letter_page, name="letter_page"),
]

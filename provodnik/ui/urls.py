"""The gallery of components."""

from django.urls import path

from provodnik.ui import views

app_name = "ui"
urlpatterns = [
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/<slug:page>/", views.gallery_page, name="gallery_page"),
]

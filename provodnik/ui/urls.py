"""The gallery of components; the installation puts it at /gallery/ (its pages link to each other there)."""

from django.urls import path

from provodnik.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("<slug:page>/", views.gallery_page, name="gallery_page"),
]

"""Addresses of the manuals."""

from __future__ import annotations

from django.urls import path

from provodnik.manual import views

app_name = "manual"
urlpatterns = [
    path("", views.shelf, name="shelf"),
    path("<slug:slug>.pdf", views.pdf, name="pdf"),
    path("<slug:slug>/", views.book, name="book"),
    path("<slug:slug>/<slug:page>", views.page, name="page"),
]

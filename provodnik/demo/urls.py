from __future__ import annotations

from django.urls import path

from provodnik.demo import views

app_name = "demo"
urlpatterns = [
    path("enter/", views.enter, name="enter"),
    path("mail/", views.mail, name="mail"),
    path("mail/write/", views.write, name="write"),
    path("mail/<int:number>/", views.letter, name="letter"),
    path("mail/<int:number>/look/", views.look, name="look"),
]

from __future__ import annotations

from django.urls import path

from provodnik.desk.views import complaints, requester

app_name = "requests"
urlpatterns = [
    path("", requester.index, name="index"),
    path("new/", requester.new, name="new"),
    path("<int:number>/", requester.show, name="show"),
    path("<int:number>/receipt/", requester.receipt, name="receipt"),
    path("<int:number>/answer/", requester.answer, name="answer"),
    path("<int:number>/withdraw/", requester.withdraw, name="withdraw"),
    path("<int:number>/rate/", requester.rate, name="rate"),
    path("<int:number>/complain/", complaints.complain, name="complain"),
]

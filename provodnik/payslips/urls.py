"""Addresses of payslips: the worker's, the accountant's."""

from __future__ import annotations

from django.urls import path

from provodnik.payslips.views import asking, keeping, own, packs

app_name = "payslips"
urlpatterns = [
    path("", own.index, name="index"),
    path("<int:slip>/", own.show, name="show"),
    path("<int:slip>/<int:number>/", own.show, name="version"),
    path("<int:slip>/<int:number>/pdf", own.pdf, name="pdf"),
    path("<int:slip>/<int:number>/ask", asking.ask, name="ask"),
    path("<int:slip>/withdraw", keeping.withdraw, name="withdraw"),
    path("batches/", keeping.batches, name="batches"),
    path("batches/<int:pk>/", keeping.batch, name="batch"),
    path("batches/<int:pk>/slips/", keeping.slips, name="slips"),
    path("batches/<int:pk>/missing/", keeping.missing, name="missing"),
    path("batches/<int:pk>/check", keeping.check, name="check"),
    path("batches/<int:pk>/schedule", keeping.schedule, name="schedule"),
    path("batches/<int:pk>/unschedule", keeping.unschedule, name="unschedule"),
    path("batches/<int:pk>/withdraw", keeping.withdraw_batch, name="withdraw_batch"),
    path("batches/<int:pk>/packs", packs.ask, name="ask_pack"),
    path("packs/<int:pk>", packs.download, name="pack"),
    path("questions/", asking.questions, name="questions"),
    path("questions/<int:pk>/", asking.question, name="question"),
]

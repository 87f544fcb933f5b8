"""Addresses of the house, part by part."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("provodnik.web.urls")),
    path("", include("provodnik.lifecycle.urls")),
    path("", include("provodnik.accounts.urls")),
    path("", include("provodnik.entry.urls")),
    path("", include("provodnik.federation.urls")),
    path("", include("provodnik.sms.urls")),
    path("requests/", include("provodnik.desk.urls.requester")),
    path("rate/", include("provodnik.desk.urls.rating")),
    path("desk/", include("provodnik.desk.urls.workbench")),
    path("settings/", include("provodnik.desk.urls.administration")),
    path("settings/assignment/", include("provodnik.desk.urls.assignment")),
    path("files/", include("provodnik.desk.urls.files")),
    path("works/", include("provodnik.works.urls.inside")),
    path("status/", include("provodnik.works.urls.public")),
    path("people/", include("provodnik.people.urls")),
    path("payslips/", include("provodnik.payslips.urls")),
    path("consents/", include("provodnik.consents.urls")),
    path("exchange/", include("provodnik.exchange.urls")),
    path("articles/", include("provodnik.articles.urls")),
    path("quality/", include("provodnik.quality.urls")),
    path("settings/hooks/", include("provodnik.hooks.urls")),
    path("settings/privacy/", include("provodnik.privacy.urls")),
    path("settings/transfer/", include("provodnik.transfer.urls")),
    path("help/", include("provodnik.manual.urls")),
    path("about/", include("provodnik.lifecycle.about.urls")),
    path("api/", include("provodnik.api.urls")),
    path("notices/", include("provodnik.notify.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("provodnik.demo.urls")))
if settings.PROVODNIK_GALLERY:
    urlpatterns.append(path("gallery/", include("provodnik.ui.urls")))

handler400 = "provodnik.web.views.errors.bad_request"
handler403 = "provodnik.web.views.errors.not_found"
handler404 = "provodnik.web.views.errors.not_found"
handler500 = "provodnik.web.views.errors.server_error"

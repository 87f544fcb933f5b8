"""Addresses of federation: the way in, one's own identities, the administrator's pages."""

from __future__ import annotations

from django.urls import path

from provodnik.federation.views import settings, signing

app_name = "federation"
urlpatterns = [
    path("sign-in/by/<int:pk>/", signing.start, name="start"),
    path("sign-in/by/<int:pk>/back/", signing.back, name="back"),
    path("sign-in/by/<int:pk>/left/", signing.left, name="left"),
    path("sign-in/by/<int:pk>/out/", signing.out, name="out"),
    path("profile/identities/", signing.mine, name="mine"),
    path("profile/identities/by/<int:pk>/link/", signing.link, name="link"),
    path("profile/identities/<int:pk>/unlink/", signing.unlink_own, name="unlink_own"),
    path("settings/sign-in/", settings.index, name="index"),
    path("settings/sign-in/directories/new/", settings.directory, name="add_directory"),
    path("settings/sign-in/directories/<int:pk>/", settings.directory, name="directory"),
    path("settings/sign-in/directories/<int:pk>/check/", settings.check_directory, name="check_directory"),
    path("settings/sign-in/directories/<int:pk>/remove/", settings.remove_directory, name="remove_directory"),
    path("settings/sign-in/providers/new/", settings.provider, name="add_provider"),
    path("settings/sign-in/providers/<int:pk>/", settings.provider, name="provider"),
    path("settings/sign-in/providers/<int:pk>/check/", settings.check_provider, name="check_provider"),
    path("settings/sign-in/providers/<int:pk>/remove/", settings.remove_provider, name="remove_provider"),
    path("settings/sign-in/accounts/<int:pk>/", settings.linked, name="linked"),
    path("settings/sign-in/identities/<int:pk>/unlink/", settings.unlink, name="unlink"),
]

from __future__ import annotations

from django.urls import path

from provodnik.accounts.views import passwords, profile, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("forgot/", passwords.forgot, name="forgot"),
    path("forgot/sent/", passwords.forgot_sent, name="forgot_sent"),
    path("reset/<str:token>/", passwords.reset, name="reset"),
    path("welcome/<str:token>/", passwords.welcome, name="welcome"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.change_password, name="change_password"),
    path("profile/sessions/end/", profile.end_others, name="end_other_sessions"),
    path("profile/sessions/<str:name>/end/", profile.end_session, name="end_session"),
]

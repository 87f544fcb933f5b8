from __future__ import annotations

from django.urls import path

from provodnik.accounts.views import api_tokens, confirm, factors, passwords, profile, second, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/second/", second.second_step, name="sign_in_second"),
    path("sign-in/passkey/options/", second.passkey_options, name="sign_in_passkey_options"),
    path("sign-in/passkey/", second.sign_in_by_passkey, name="sign_in_passkey"),
    path("confirm/", confirm.confirm, name="confirm"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("forgot/", passwords.forgot, name="forgot"),
    path("forgot/sent/", passwords.forgot_sent, name="forgot_sent"),
    path("reset/<str:token>/", passwords.reset, name="reset"),
    path("welcome/<str:token>/", passwords.welcome, name="welcome"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.change_password, name="change_password"),
    path("profile/second-factor/", factors.index, name="factors"),
    path("profile/second-factor/app/", factors.add_totp, name="add_totp"),
    path("profile/second-factor/app/remove/", factors.remove_totp, name="remove_totp"),
    path("profile/second-factor/passkeys/new/", factors.add_passkey, name="add_passkey"),
    path("profile/second-factor/passkeys/<int:pk>/rename/", factors.rename_passkey, name="rename_passkey"),
    path("profile/second-factor/passkeys/<int:pk>/remove/", factors.remove_passkey, name="remove_passkey"),
    path("profile/second-factor/codes/", factors.printed, name="codes"),
    path("profile/second-factor/devices/<int:pk>/forget/", factors.forget_device, name="forget_device"),
    path("profile/tokens/", api_tokens.index, name="tokens"),
    path("profile/tokens/new/", api_tokens.add, name="add_token"),
    path("profile/tokens/<int:pk>/revoke/", api_tokens.revoke, name="revoke_token"),
    path("settings/tokens/", api_tokens.every, name="all_tokens"),
    path("profile/sessions/end/", profile.end_others, name="end_other_sessions"),
    path("profile/sessions/<str:name>/end/", profile.end_session, name="end_session"),
]

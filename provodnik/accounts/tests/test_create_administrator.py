"""The first administrator gets in by a link, and nobody becomes one by accident."""

from __future__ import annotations

from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_administrator", *arguments, stdout=out)
    return out.getvalue()


def test_the_link_opens_and_the_account_has_no_password_until_then(client):
    path = urlsplit(run("admin", "--name", "Ключевая Вера Павловна").split()[-1]).path
    admin = User.objects.get(login="admin")
    assert admin.is_administrator
    assert not admin.has_usable_password()
    assert client.get(path, follow=True).status_code == 200


def test_asked_again_it_is_the_same_account():
    run("admin")
    run("admin")
    assert User.objects.count() == 1


def test_an_ordinary_user_is_not_raised():
    User.objects.create_user("anna", full_name="Анна")
    with pytest.raises(CommandError):
        run("anna")
    assert Role.ADMINISTRATOR.value not in User.objects.get().roles


@pytest.mark.parametrize("login", ["два слова", "a\nb", "<script>"])
def test_strange_logins_are_refused_in_words(login):
    with pytest.raises(CommandError):
        run(login)
    assert not User.objects.exists()

"""Content security policy without inline script: what refuses keeps to it as well (safety A04, A40). Each page that is
there is held against it by tests/test_matrix.py."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.answers import broken, is_page
from tests.lessons.conftest import As
from tests.pages import active
from tests.world import World

pytestmark = pytest.mark.django_db


def test_pages_of_refusal_keep_to_it_too(world: World, as_: As) -> None:
    strict = Client(enforce_csrf_checks=True)
    answers = {
        404: as_("requester").get("/there-is-no-such-page"),
        403: strict.post(reverse("accounts:sign_in"), {"login": "x"}),
        422: as_("requester").post(reverse("requests:new"), {}),
        405: as_("requester").put(reverse("requests:new")),
        413: as_("requester").post(reverse("requests:new"), {}, CONTENT_LENGTH="9" * 15),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        if is_page(answer) and answer.content:
            assert broken(answer) == [], status


def test_what_is_read_here_would_be_found() -> None:
    """Without this the tests above could pass by a reader that sees nothing."""
    found = active(
        "<p onclick=x()><script>1</script><style>a{}</style><p style='a:b'><a href='java\tscript:1'>x</a>"
        "<img src=//evil.example/a><form action=https://evil.example><iframe src=/a></iframe><base href=/>"
        "<svg onload=1/><script src=https://evil.example/x.js></script><meta http-equiv=refresh content='0;url=/'>"
    )
    assert len(found) == 12, found
    assert (
        active('<script src="/static/a.js" type="module"></script><img src="/a.png"><a href="https://x.example">') == []
    )

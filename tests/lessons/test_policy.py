"""Content security policy without inline script: every page there is keeps to it (safety A04, A40)."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.lessons.conftest import As
from tests.matrix import ROWS
from tests.pages import active
from tests.world import World

pytestmark = pytest.mark.django_db
PUBLIC = ("status:", "api:openapi", "web:health", "watch:")  # the same for everybody
KEPT = ("files:preview", "articles:picture")  # by the person's own browser, under a key that nobody guesses


def directives(response: HttpResponse) -> dict[str, list[str]]:
    policy = str(response.headers.get("Content-Security-Policy", ""))
    return {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}


def broken(response: HttpResponse) -> list[str]:
    """What of an answer in HTML goes against the policy, or of its policy lets script in."""
    found = directives(response)
    script = found.get("script-src", found.get("default-src"))
    style = found.get("style-src", found.get("default-src"))
    wrong = [] if script in (["'self'"], ["'none'"]) else [f"script-src {script}"]
    wrong += [] if style in (["'self'"], ["'none'"]) else [f"style-src {style}"]
    wrong += [f"unsafe: {name}" for name, words in found.items() if any("unsafe" in word for word in words)]
    wrong += [f"{name} {found.get(name)}" for name in ("frame-ancestors", "base-uri") if found.get(name) != ["'none'"]]
    wrong += [] if found.get("object-src", found.get("default-src")) == ["'none'"] else ["object-src"]
    if "Access-Control-Allow-Origin" in response.headers:
        wrong.append("Access-Control-Allow-Origin")
    return wrong + active(response.text)


def is_page(response: HttpResponse) -> bool:
    return not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")


def test_every_page_keeps_to_the_policy(world: World, as_: As) -> None:
    """Each whole page, and what the script asks for in its place, before somebody who may see it."""
    wrong, pages = [], 0
    for name, row in ROWS.items():
        if "GET" not in row.methods or not any(row.things.values()):
            continue
        thing, people = next((thing, people) for thing, people in row.things.items() if people)
        address = reverse(name, kwargs=world.things[name][thing] if thing else {})
        for headers in ({}, {"HX-Request": "true"}) if name.startswith("desk:") else ({},):
            answer = as_(people[-1]).get(address, headers={"origin": "https://evil.example", **headers})
            if is_page(answer):
                pages += 1
                wrong += [f"{name} of {thing or 'nothing'}: {one}" for one in broken(answer)]
            if not name.startswith(PUBLIC) and "no-store" not in answer.headers["Cache-Control"]:
                wrong += [f"{name} is kept: {answer.headers['Cache-Control']}"] if not name.startswith(KEPT) else []
    assert not wrong, "\n".join(wrong)
    assert pages > 150


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

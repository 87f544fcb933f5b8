"""What holds of every answer, whoever asked for whatever: no word of somebody else's (safety A33), the policy of
contents without inline script (A04, A40), nobody's page in another's cache (A39). tests/test_matrix.py asks each page
once and holds its answer against all of it."""

from __future__ import annotations

from django.http import HttpResponse

from tests.pages import active
from tests.rows.articles import SECRET
from tests.world import CANARY_A, CANARY_B, CANARY_BLAMED, CANARY_NOTE, CANARY_OWNER, WORD

# Who may never read which word. The administrator keeps the mail and the desk reads all; requesters read their own.
NEVER = {
    "anonymous": (CANARY_A, CANARY_B, CANARY_NOTE, CANARY_OWNER, SECRET),
    "switched_off": (CANARY_A, CANARY_B, CANARY_NOTE, CANARY_OWNER, SECRET),
    "ex_contact": (CANARY_B, CANARY_NOTE, CANARY_OWNER, SECRET),
    "requester": (CANARY_B, CANARY_NOTE, SECRET),
    "colleague": (CANARY_B, CANARY_NOTE, CANARY_OWNER, SECRET),
    "coordinator": (CANARY_B, CANARY_NOTE, SECRET),
    "other_requester": (CANARY_A, CANARY_NOTE, CANARY_OWNER, SECRET),
    "other_coordinator": (CANARY_A, CANARY_NOTE, CANARY_OWNER, SECRET),
    "specialist": (CANARY_BLAMED,),
    "administrator": (CANARY_NOTE, CANARY_OWNER),
}
# What a list, a search, a counter is asked to make it say more than it should.
QUESTIONS = (
    f"?q={WORD}&scope=company", "?state=done&scope=company&all=1", "?q=%25&view=all", "?view=all&who=а",
    "?before=999999999&since=0&full=1", f"?q={WORD}&state=open&before=99999999999999",
)  # fmt: skip

PUBLIC = ("status:", "api:openapi", "web:health", "watch:")  # the same for everybody
KEPT = ("files:preview", "articles:picture")  # by the person's own browser, under a key that nobody guesses


def foreign_words(person: str, told: str, response: HttpResponse) -> list[str]:
    """What an answer (`told`: its body) tells somebody who may not know it."""
    forbidden, headers = NEVER.get(person, ()), str(response.headers)
    return [f"tells {word}" for word in forbidden if word in told or word in headers]


def is_page(response: HttpResponse) -> bool:
    return not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")


def _directives(response: HttpResponse) -> dict[str, list[str]]:
    policy = str(response.headers.get("Content-Security-Policy", ""))
    return {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}


def broken(response: HttpResponse) -> list[str]:
    """What of an answer in HTML goes against the policy, or of its policy lets script in."""
    found = _directives(response)
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


def careless(name: str, response: HttpResponse) -> list[str]:
    """What is wrong with what a route gives somebody who may see it, but for its words: its policy, its keeping."""
    wrong = broken(response) if is_page(response) else []
    if "no-store" not in response.headers["Cache-Control"] and not name.startswith((*PUBLIC, *KEPT)):
        wrong.append(f"is kept: {response.headers['Cache-Control']}")
    return wrong

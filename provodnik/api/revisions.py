"""Two who change the same request notice each other: ETag on what is read, If-Match on what is changed (RFC 9110, 13).

An ETag is `"<revision>-<sum of the answer>"`: the sum tells a reader that nothing differs, the revision tells a writer
what his step was thought out on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import BaseModel

from provodnik.api.once import beside
from provodnik.api.problems import Problem
from provodnik.desk.actions.base import changing
from provodnik.desk.models import Ticket

_TAG = re.compile(r'"(\d{1,10})-[0-9a-f]{16}"')


def tag(revision: int, shape: BaseModel) -> str:
    told = json.dumps(shape.model_dump(mode="json"), sort_keys=True)
    return f'"{revision}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"'


def tagged(request: HttpRequest, revision: int, shape: BaseModel) -> None:
    """Put the ETag beside the answer (api.door answers 304 to who has it)."""
    beside(request, {"ETag": tag(revision, shape)})


def expected(request: HttpRequest) -> int | None:
    """The revision that the asker has seen; None when he does not care. Raises Problem."""
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    found = _TAG.fullmatch(sent.strip())
    if found is None:
        raise Problem("changed", _("If-Match holds no ETag of ours."))
    return int(found[1])


@contextmanager
def unchanged(request: HttpRequest, number: int) -> Iterator[Ticket | None]:
    """A step on a request as the asker has seen it: locked, compared, done in one transaction. None when he did not
    say what he has seen."""
    revision = expected(request)
    if revision is None:
        yield None
        return
    with changing(number, revision=revision) as ticket:
        yield ticket

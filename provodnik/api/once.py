"""What creates something creates it once: Idempotency-Key (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction of the deed itself: either both are there or neither, so a killed process leaves
nothing half done, and a repeat finds either the answer or a clean table. Only successes are kept: what was refused did
nothing and may be sent again, corrected, under the same key.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Status
from pydantic import BaseModel

from provodnik.api.models import Answer
from provodnik.api.problems import Problem
from provodnik.api.security import token_of
from provodnik.core.locks import Lock

P = ParamSpec("P")
HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,100}")


class Made:
    """What a handler gives back: the shape of the answer, its status, headers beside it."""

    def __init__(self, shape: BaseModel, *, status: int = 200, **headers: str) -> None:
        self.shape, self.status = shape, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def beside(request: HttpRequest, headers: dict[str, str]) -> None:
    """Headers for the answer to come (api.door puts them there)."""
    known: dict[str, str] = getattr(request, "api_headers", {})
    request.api_headers = {**known, **headers}  # type: ignore[attr-defined]


def once(handler: Callable[Concatenate[HttpRequest, P], Made]) -> Callable[Concatenate[HttpRequest, P], Status[Any]]:
    """One transaction for the deed and for the memory of it."""

    @wraps(handler)
    def kept(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> Status[Any]:
        key = _key(request)
        with transaction.atomic():
            if key is None:
                return _given(request, handler(request, *args, **kwargs))
            asked = _fingerprint(request)
            known = _known(request, key)
            if known is not None:
                return _again(request, known, asked)
            made = handler(request, *args, **kwargs)
            _keep(request, key, asked, made)
            return _given(request, made)

    # ninja reads the annotations of what it is given, in the names of the module that wrote them
    kept.__signature__ = inspect.signature(handler, eval_str=True)  # type: ignore[attr-defined]
    return kept


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get(HEADER)
    if key is None:
        return None
    key = key.strip('" ')  # a structured string (RFC 8941) or bare
    if not _KEY.fullmatch(key):
        raise Problem("malformed", errors=[(HEADER, _("1 to 100 visible characters of ASCII are expected."))])
    return key


def _fingerprint(request: HttpRequest) -> str:
    found = hashlib.sha256(f"{request.method} {request.get_full_path()}\0".encode())
    if request.content_type == "multipart/form-data":  # its boundary differs each time
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                found.update(f"{name}\0{file.name}\0{file.content_type}\0{file.size}\0".encode())
                for chunk in file.chunks():
                    found.update(chunk)
    else:
        found.update(request.body)
    return found.hexdigest()


def lock_of(token: int, key: str) -> list[int]:
    """The two numbers of the advisory lock; two keys that share them merely wait for each other."""
    digest = hashlib.sha256(f"{token}\0{key}".encode()).hexdigest()
    return [int(Lock.API_KEY), int(digest[:8], 16) & 0x7FFF_FFFF]


def _known(request: HttpRequest, key: str) -> Answer | None:
    """The kept answer. Of two at once the second is told to come again: the first may still fail."""
    token = token_of(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", lock_of(token.pk, key))
        if not cursor.fetchone()[0]:
            raise Problem("in-progress", headers={"Retry-After": "1"})
    known = Answer.objects.filter(token=token, key=key).first()
    if known is not None and known.at < timezone.now() - KEPT:
        known.delete()
        return None
    return known


def _again(request: HttpRequest, known: Answer, asked: str) -> Status[Any]:
    if known.asked != asked:
        raise Problem("key-reused")
    beside(request, {**known.headers, REPLAYED: "true"})
    return Status(known.status, known.body)


def _keep(request: HttpRequest, key: str, asked: str, made: Made) -> None:
    Answer.objects.create(
        token=token_of(request),
        key=key,
        asked=asked,
        status=made.status,
        body=made.shape.model_dump(mode="json"),
        headers=made.headers,
        at=timezone.now(),
    )


def _given(request: HttpRequest, made: Made) -> Status[Any]:
    beside(request, made.headers)
    return Status(made.status, made.shape)


def forget(*, now: datetime) -> int:
    """Remove answers older than a day. Returns how many."""
    return Answer.objects.filter(at__lt=now - KEPT).delete()[0]

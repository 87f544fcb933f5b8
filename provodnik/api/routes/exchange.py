"""The exchange with 1C pushed over HTTPS: at most 150 objects a batch, what became of each in the answer."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.problems import Problem, field_problem
from provodnik.api.routes.common import doing, reading
from provodnik.api.security import me
from provodnik.api.shapes.fields import FileId, In
from provodnik.core import quarantine
from provodnik.core.jobs import WHILE_CLOSED
from provodnik.exchange.actions.giving import asked
from provodnik.exchange.actions.receiving import push
from provodnik.exchange.contract import MOST_OBJECTS_PUSHED
from provodnik.exchange.models import Base, Batch
from provodnik.exchange.policies import may_push
from provodnik.exchange.queries.results import results

router = Router(tags=["exchange"])
SCOPE = Scope.EXCHANGE
Code = Annotated[
    str,
    Field(
        strict=True,
        min_length=1,
        max_length=40,
        description=gettext_noop("The short name of the base, as an administrator has set it up."),
        examples=["zup"],
    ),
]
Objects = Annotated[
    list[dict[str, Any]],
    Field(
        min_length=1,
        max_length=MOST_OBJECTS_PUSHED,
        description=gettext_noop("Objects of the contract, in any order; their schema: /exchange/schema.json."),
    ),
]


class BatchIn(In):
    base: Code
    batch: Annotated[FileId, Field(description=gettext_noop("Made for this batch alone; the same again is harmless."))]
    objects: Objects


class ResultOut(BaseModel):
    """`result`: taken, waiting, refused, kept, gone, older or foreign."""

    type: str
    guid: UUID
    result: str
    field: str = ""
    detail: str = ""


class BatchOut(BaseModel):
    """`state`: done, held (a person decides), dropped, applying. `results` in the order of the objects."""

    batch: UUID
    state: str
    results: list[ResultOut]


def _pushers_only(request: HttpRequest) -> None:
    if not may_push(me(request)):
        raise Http404
    if quarantine.outside_is_closed():
        words = _("This is a restored copy in quarantine: it exchanges nothing.")
        raise Problem("away", words, headers={"Retry-After": str(WHILE_CLOSED)})


def _told(batch: Batch) -> BatchOut:
    told = [
        ResultOut(type=one.kind, guid=one.guid, result=one.result, field=one.about, detail=one.reason)
        for one in results(batch)
    ]
    return BatchOut(batch=batch.key, state=batch.state, results=told)


@doing(
    router,
    "/exchange/batches",
    BatchOut,
    gettext_noop("Push objects of 1C"),
    scope=SCOPE,
    more=gettext_noop(
        "Taken within the request, in one transaction. Held: it would dismiss or change too many people."
    ),
)
def push_batch(request: HttpRequest, data: BatchIn) -> Made:
    _pushers_only(request)
    base = Base.objects.filter(code=data.base).first()
    if base is None or not base.is_active:
        raise field_problem("base", _("There is no such base, or its exchange is off."))
    batch = push(base, data.batch, data.objects, by=me(request), at=timezone.now())
    return Made(_told(batch))


class ToldOut(BaseModel):
    """`objects`: what the portal tells (schema: /exchange/schema.json?way=told), the oldest first. `after`: to be asked
    with next, until `objects` is empty; what was answered is told no more."""

    objects: list[dict[str, Any]]
    after: int


@reading(
    router,
    "/exchange/{base}/told",
    ToldOut,
    gettext_noop("What the portal tells 1C"),
    scope=SCOPE,
    more=gettext_noop("Answered by an object «answer» of the contract, with the same guid and version."),
)
def told_to_base(request: HttpRequest, base: str, after: Annotated[int, Field(ge=0, lt=2**62)] = 0) -> ToldOut:
    _pushers_only(request)
    rows = asked(Base.objects.get(code=base), after, MOST_OBJECTS_PUSHED, at=timezone.now())
    return ToldOut(objects=[json.loads(text) for _place, text in rows], after=rows[-1][0] if rows else after)


@reading(
    router, "/exchange/{base}/batches/{batch}", BatchOut, gettext_noop("What became of a pushed batch"), scope=SCOPE
)
def pushed_batch(request: HttpRequest, base: str, batch: UUID) -> BatchOut:
    _pushers_only(request)
    return _told(Batch.objects.select_related("raw").get(base__code=base, key=batch, carrier="push"))

"""Works and incidents, as the API tells of them."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from provodnik.api.shapes.people import Named, named
from provodnik.works.models import Answering, Work, WorkEvent


class WorkOut(BaseModel):
    """Planned or urgent works, or an incident. Without customers it concerns all, without sections everything."""

    id: int
    kind: str
    state: str
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None = Field(description=_("Planned; null: not known."))
    began_at: datetime | None
    finished_at: datetime | None
    unavailable: bool = Field(description=_("The service cannot be used meanwhile."))
    release: str
    subsystems: list[Named]


def work(row: Work) -> WorkOut:
    return WorkOut(**_plain(row))


def _plain(row: Work) -> dict[str, object]:
    names = (
        "kind", "state", "title", "text", "starts_at", "ends_at", "began_at", "finished_at", "unavailable", "release",
    )  # fmt: skip
    told: dict[str, object] = {name: getattr(row, name) for name in names}
    return {**told, "id": row.pk, "subsystems": [Named(id=one.pk, name=one.name) for one in row.subsystems.all()]}


class LedWork(WorkOut):
    """What they who lead works see besides."""

    customers: list[Named]
    public: bool = Field(description=_("Shown on the status page, to anybody."))
    responsible: Named | None
    announced_at: datetime | None
    revision: int


def led(row: Work) -> LedWork:
    return LedWork(
        **_plain(row),
        customers=[Named(id=one.pk, name=str(one)) for one in row.customers.all()],
        public=row.public,
        responsible=named(row.responsible),
        announced_at=row.announced_at,
        revision=row.revision,
    )


class WorkNews(BaseModel):
    """A fact of the way of works: announced, begun, changed, news, ended, cancelled."""

    id: int
    kind: str
    at: datetime
    text: str


def news(row: WorkEvent) -> WorkNews:
    return WorkNews(id=row.pk, kind=row.kind, at=row.at, text=row.text)


class Verdict(BaseModel):
    number: int
    verdict: str = Field(description=_("waiting, answered, closed or refused."))
    reason: str


class AnsweringOut(BaseModel):
    """One text for all tied requests: how far it is, and what came out. `done_at` null: it is on its way."""

    id: int
    text: str
    resolution: str
    at: datetime
    done_at: datetime | None
    lines: list[Verdict]


def answering(row: Answering, lines: list[Verdict]) -> AnsweringOut:
    return AnsweringOut(
        id=row.pk, text=row.text, resolution=row.resolution, at=row.at, done_at=row.done_at, lines=lines
    )


class LastAnswering(BaseModel):
    """`last` null: nobody has answered them together yet."""

    last: AnsweringOut | None

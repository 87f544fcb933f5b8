"""Kinds of values that shapes are made of, with their bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop as _
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from provodnik.core.text import LONGEST_EMAIL
from provodnik.desk.actions.base import LONGEST_TEXT
from provodnik.desk.search import LONGEST_QUERY

# The largest whole number that every JSON reader keeps exact (RFC 8259, 6).
MOST = 2**53 - 1

Number = Annotated[int, Field(ge=1, le=MOST)]  # of the address: a request's number, somebody's id
Whole = Annotated[int, Field(strict=True, ge=1, le=MOST)]  # of a body
Line = Annotated[str, Field(strict=True, max_length=300)]
Reason = Annotated[str, Field(strict=True, min_length=1, max_length=500, description=_("Stays in the history."))]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_TEXT)]
MaybeText = Annotated[str, Field(strict=True, max_length=LONGEST_TEXT)]
ShortText = Annotated[str, Field(strict=True, max_length=2000)]
Email = Annotated[str, Field(strict=True, min_length=3, max_length=LONGEST_EMAIL, examples=["anna@chv.example"])]
Query = Annotated[str, Field(max_length=LONGEST_QUERY, description=_("A number or words."))]
Cursor = Annotated[str | None, Field(max_length=500, description=_("`next` of the page before."))]


def _text_of_id(value: Any) -> Any:
    if not isinstance(value, str | UUID):
        raise PydanticCustomError("uuid_type", "text")
    return value


FileId = Annotated[UUID, BeforeValidator(_text_of_id)]
Files = Annotated[
    list[FileId],
    Field(default_factory=list, max_length=settings.FILES_LIMIT, description=_("Identifiers that /uploads gave.")),
]


def _written(pattern: str) -> Callable[[Any], Any]:
    """A text of this form. Pydantic would take a number for seconds since 1970 as well."""
    form = re.compile(pattern)

    def read(value: Any) -> Any:
        if not isinstance(value, date | str) or (isinstance(value, str) and not form.match(value)):
            raise PydanticCustomError("moment_type", "moment")
        return value

    return read


_DAY = r"\d{4}-\d{2}-\d{2}"
Day = Annotated[date, BeforeValidator(_written(_DAY + "$")), Field(examples=["2026-11-23"])]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written(_DAY + r"[Tt ]\d{2}:\d{2}")),
    Field(description=_("With its time zone."), examples=["2026-11-23T22:00:00+03:00"]),
]
HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
Hour = Annotated[str, Field(strict=True, pattern=HOUR, examples=["09:00"])]
Yes = Annotated[bool, Field(strict=True)]


class In(BaseModel):
    """A body: a name that it does not know is refused (safety A31)."""

    model_config = ConfigDict(extra="forbid")


class Empty(In):
    """A body without a value: `{}`."""

"""Who I am, what I was told, what there is to choose from."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import doing, reading
from provodnik.api.security import me, token_of
from provodnik.api.shapes import people
from provodnik.api.shapes.fields import Cursor, In, Whole
from provodnik.api.shapes.people import Me, Named, NoticeOut
from provodnik.desk import policies
from provodnik.desk.models import Subsystem
from provodnik.notify import actions, queries

router = Router(tags=["own"])


@reading(router, "/me", Me, _("Who I am"), more=_("The token's owner, his roles and what the token is good for."))
def who_i_am(request: HttpRequest) -> Me:
    return people.me(me(request), policies.contact_of(me(request)), token_of(request))


@reading(router, "/subsystems", Page[Named], _("Sections of the portal"))
def subsystems(request: HttpRequest) -> Page[Named]:
    found = Subsystem.objects.filter(is_active=True)[:500]
    return Page[Named](items=[Named(id=one.pk, name=one.name) for one in found])


@reading(router, "/notices", Page[NoticeOut], _("My notices, the newest first"), scope=Scope.NOTICES)
def notices(request: HttpRequest, cursor: Cursor = None) -> Page[NoticeOut]:
    found, older = queries.page(me(request), paging.place(request, cursor))
    return Page[NoticeOut](items=[people.notice(one) for one in found], next=paging.make(request, older))


class Read(In):
    id: Annotated[Whole | None, Field(description=_("Without it: all of them."))] = None


class Unread(BaseModel):
    unread: int = Field(description=_("How many are left, up to 100."))


@doing(router, "/notices/read", Unread, _("Mark notices as read"), scope=Scope.NOTICES)
def read_notices(request: HttpRequest, data: Read) -> Made:
    actions.mark_read(me(request), at=timezone.now(), notice_id=data.id)
    return Made(Unread(unread=queries.unread(me(request))))

"""Teams, duties and absences: what a lead writes down."""

from __future__ import annotations

from ninja import Router

from provodnik.api.routes.teams import absences, crews, duties

router = Router()
for _part in (crews, duties, absences):
    router.add_router("", _part.router)

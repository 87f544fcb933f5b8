"""Work on one request: every step of the desk."""

from __future__ import annotations

from ninja import Router

from provodnik.api.routes.work import facts, steps

router = Router()
for _part in (steps, facts):
    router.add_router("", _part.router)

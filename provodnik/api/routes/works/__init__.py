"""Works and incidents (R7): read by whom they concern, led by who leads, tied to requests and answered together."""

from __future__ import annotations

from ninja import Router

from provodnik.api.routes.works import concerned, led, tied

router = Router()
for _part in (concerned, led, tied):
    router.add_router("", _part.router)

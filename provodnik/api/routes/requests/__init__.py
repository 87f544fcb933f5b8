"""The requester's side: what «Мои обращения» and «Обратная связь» do."""

from __future__ import annotations

from ninja import Router

from provodnik.api.routes.requests import mine, said

router = Router()
for _part in (mine, said):
    router.add_router("", _part.router)

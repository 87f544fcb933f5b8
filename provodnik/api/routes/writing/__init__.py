"""Instructions and memos as their authors write them, their versions and sections."""

from __future__ import annotations

from ninja import Router

from provodnik.api.routes.writing import copies, versions

router = Router()
for _part in (copies, versions):
    router.add_router("", _part.router)
